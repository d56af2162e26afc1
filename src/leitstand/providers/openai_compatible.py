"""How is a model asked whose service speaks OpenAI's chat completions, as most services and local servers do?"""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from enum import IntEnum

import msgspec

from leitstand.domain.drafting import Target
from leitstand.domain.message import Answer, Message, Request, ToolRound
from leitstand.domain.price import Price
from leitstand.http_reply import Reply
from leitstand.ports import Transport
from leitstand.providers.chat_answer import answer_of
from leitstand.providers.chat_failures import failure_of
from leitstand.providers.chat_options import read_options
from leitstand.providers.chat_stream import streamed_answer
from leitstand.providers.service import Listener, Reading, Service, bearer, checked_url

log = logging.getLogger(__name__)

NOT_OFFERED = (b"response_format", b"json_schema", b"json schema", b"json_object", b"structured output")
"""What services say when they do not offer an output mode; compared in lower case."""

TOKEN_LIMITS = ("max_tokens", "max_completion_tokens")
"""Two names of one option: a caller's replaces a target's, whichever of them each uses."""

WITH_USAGE: dict[str, object] = {"stream_options": {"include_usage": True}}
"""Without it a stream does not tell what it cost."""


class OutputMode(IntEnum):
    """How firmly the service is held to the output schema, the firmest first."""

    SCHEMA = 0
    OBJECT = 1
    TEXT = 2


class OpenaiCompatible:
    """A ``ModelProvider`` over ``POST {base_url}/chat/completions``.

    ``api_key`` goes into the Authorization header and nowhere else. A service that does not offer JSON-schema output is
    asked in a weaker mode from then on: the schema then stands in the prompt.
    """

    price: Price | None = None

    def __init__(self, target: Target, transport: Transport, api_key: str | None) -> None:
        self._service = Service(
            url=checked_url(target.base_url, "/chat/completions"),
            name=target.model or target.provider,
            headers=bearer(api_key),
            transport=transport,
            reading=Reading(whole=answer_of, streamed=streamed_answer),
        )
        self._options = read_options(target.options)
        self._tells_usage = True
        self._mode = OutputMode.SCHEMA if self._options.json_schema else OutputMode.OBJECT

    @property
    def mode(self) -> OutputMode:
        """The firmest output mode that the service is known to offer."""
        return self._mode

    async def generate(self, request: Request, on_delta: Listener | None = None) -> Answer:
        """Answer of the model, whole; ``ProviderFailed`` for everything else, within ``request.timeout`` seconds."""
        deadline = asyncio.get_running_loop().time() + request.timeout
        while True:
            mode, asks_usage = self._mode, self._tells_usage and on_delta is not None
            body = request_body(request, mode, self._options.fields())
            said = await self._service.ask(body | (WITH_USAGE if asks_usage else {}), request, deadline, on_delta)
            if isinstance(said, Answer):
                return said
            self._weaken(said, request, mode, asked_usage=asks_usage)

    def _weaken(self, reply: Reply, request: Request, mode: OutputMode, *, asked_usage: bool) -> None:
        """Ask for less from now on when the reply says that less is offered; else raise the failure that it is."""
        name = self._service.name
        if asked_usage and _refuses(reply, (b"stream_options",)):
            self._tells_usage = False
            log.warning("%s does not tell the usage of a stream", name)
        elif request.schema and mode < OutputMode.TEXT and _refuses(reply, NOT_OFFERED):
            self._mode = max(self._mode, OutputMode(mode + 1))
            log.warning("%s does not offer the output mode %s; %s from now on", name, mode.name, self._mode.name)
        else:
            raise failure_of(reply, name)


def request_body(request: Request, mode: OutputMode, options: Mapping[str, object]) -> dict[str, object]:
    """The body of a chat completion request."""
    body: dict[str, object] = {"model": request.model, "messages": _messages(request, mode), **options}
    if request.options:
        if any(name in request.options for name in TOKEN_LIMITS):
            body = {name: value for name, value in body.items() if name not in TOKEN_LIMITS}
        body.update(request.options)
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
            }
            for tool in request.tools
        ]
    if request.schema is None:
        return body
    if mode is OutputMode.SCHEMA:
        schema = {"name": "output", "schema": request.schema, "strict": is_closed(request.schema)}
        return body | {"response_format": {"type": "json_schema", "json_schema": schema}}
    return body | {"response_format": {"type": "json_object"}} if mode is OutputMode.OBJECT else body


def _messages(request: Request, mode: OutputMode) -> list[dict[str, object]]:
    messages = list(request.messages)
    if request.schema is not None and mode is not OutputMode.SCHEMA:
        schema = msgspec.json.encode(request.schema).decode()
        asked = f"Answer with one JSON object that fits this JSON Schema, and with nothing else: {schema}"
        if messages and messages[0].role == "system":
            messages[0] = Message(role="system", content=f"{messages[0].content}\n\n{asked}")
        else:
            messages.insert(0, Message(role="system", content=asked))
    said: list[dict[str, object]] = [{"role": message.role, "content": message.content} for message in messages]
    return [*said, *(message for round_ in request.rounds for message in _round(round_))]


def _round(round_: ToolRound) -> Iterator[dict[str, object]]:
    """The answer that asked for tools, then a message for each result."""
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in round_.calls
    ]
    yield {"role": "assistant", "content": round_.text or None, "tool_calls": calls}
    for call, result in zip(round_.calls, round_.results, strict=True):
        yield {"role": "tool", "tool_call_id": call.id, "content": result}


def is_closed(schema: object) -> bool:
    """Whether every object in the schema requires all its properties and allows no others, as strict mode wants it."""
    if isinstance(schema, list):
        return all(is_closed(item) for item in schema)
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and schema.get("type") == "object":
        required = schema.get("required")
        if schema.get("additionalProperties") is not False or set(required or ()) != set(properties):
            return False
    return all(is_closed(value) for value in schema.values())


def _refuses(reply: Reply, words: tuple[bytes, ...]) -> bool:
    return reply.status in (400, 415, 422, 501) and any(word in reply.body[:10_000].lower() for word in words)
