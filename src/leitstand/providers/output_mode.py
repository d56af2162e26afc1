"""How firmly is a service held to the output schema, and what when it does not offer that?"""

import logging
from collections.abc import Mapping, Sequence
from enum import IntEnum

import msgspec

from leitstand.domain.message import Message
from leitstand.http_reply import Reply

log = logging.getLogger(__name__)

NOT_OFFERED = (b"response_format", b"json_schema", b"json schema", b"json_object", b"structured output")
"""What services say when they do not offer an output mode; compared in lower case."""


class OutputMode(IntEnum):
    """How firmly the service is held to the output schema, the firmest first."""

    SCHEMA = 0
    OBJECT = 1
    TEXT = 2


def weaker(mode: OutputMode, reply: Reply, name: str, words: tuple[bytes, ...] = NOT_OFFERED) -> OutputMode | None:
    """The next weaker mode when the reply says that ``mode`` is not offered; None when it says something else."""
    if mode is OutputMode.TEXT or not refuses(reply, words):
        return None
    weaker_one = OutputMode(mode + 1)
    log.warning("%s does not offer the output mode %s; %s from now on", name, mode.name, weaker_one.name)
    return weaker_one


def refuses(reply: Reply, words: tuple[bytes, ...]) -> bool:
    """Whether a reply turns a request away and names one of these lower-case words."""
    return reply.status in (400, 415, 422, 501) and any(word in reply.body[:10_000].lower() for word in words)


def with_schema(messages: Sequence[Message], schema: object) -> list[Message]:
    """The messages with the schema in the system's part, for modes in which it stands nowhere else."""
    text = msgspec.json.encode(schema).decode()
    asked = f"Answer with one JSON object that fits this JSON Schema, and with nothing else: {text}"
    if messages and messages[0].role == "system":
        return [Message(role="system", content=f"{messages[0].content}\n\n{asked}"), *messages[1:]]
    return [Message(role="system", content=asked), *messages]


def is_closed(schema: object) -> bool:
    """Whether every object in the schema requires all its properties and allows no others, as strict mode wants it.

    A release has one schema for all its calls, and walking through it costs as much as sending the request.
    """
    known = _JUDGED.get(id(schema))
    if known is None or known[0] is not schema:
        if len(_JUDGED) >= MOST_JUDGED:
            _JUDGED.clear()
        known = _JUDGED[id(schema)] = (schema, _is_closed(schema))
    return known[1]


MOST_JUDGED = 64
_JUDGED: dict[int, tuple[object, bool]] = {}
"""Schemas by their identity, held so that it stays theirs."""


def _is_closed(schema: object) -> bool:
    if isinstance(schema, list):
        return all(_is_closed(item) for item in schema)
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and schema.get("type") == "object":
        required = schema.get("required")
        if schema.get("additionalProperties") is not False or set(required or ()) != set(properties):
            return False
    return all(_is_closed(value) for value in schema.values())
