"""How is a model asked whose service speaks OpenAI's chat completions, as most services and local servers do?"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from enum import IntEnum
from urllib.parse import urlsplit

import msgspec

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Answer, Message, Request
from leitstand.domain.price import Price
from leitstand.http_reply import Reply
from leitstand.ports import Transport
from leitstand.providers.chat_answer import answer_of
from leitstand.providers.chat_failures import failure_of
from leitstand.providers.chat_options import read_options
from leitstand.providers.chat_stream import streamed_answer

log = logging.getLogger(__name__)

NOT_OFFERED = (b"response_format", b"json_schema", b"json schema", b"json_object", b"structured output")
"""What services say when they do not offer an output mode; compared in lower case."""

TOKEN_LIMITS = ("max_tokens", "max_completion_tokens")
"""Two names of one option: a caller's replaces a target's, whichever of them each uses."""

WITH_USAGE: Mapping[str, object] = {"stream_options": {"include_usage": True}}
"""Without it a stream does not tell what it cost."""

SILENCE = 60.0
"""Longest pause inside a stream in seconds; the model has stopped, whatever the time left says."""


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
        self._url = _checked_url(target.base_url)
        self._name = target.model or target.provider
        self._transport = transport
        self._options = read_options(target.options)
        self._tells_usage = True
        self._mode = OutputMode.SCHEMA if self._options.json_schema else OutputMode.OBJECT
        self._headers = {"content-type": "application/json", "accept": "application/json", **_authorization(api_key)}

    @property
    def mode(self) -> OutputMode:
        """The firmest output mode that the service is known to offer."""
        return self._mode

    async def generate(self, request: Request, on_delta: Callable[[str], None] | None = None) -> Answer:
        """Answer of the model, whole; ``ProviderFailed`` for everything else, within ``request.timeout`` seconds."""
        deadline = asyncio.get_running_loop().time() + request.timeout
        while True:
            mode, usage = self._mode, self._tells_usage
            try:
                said = await self._ask(request, mode, deadline, on_delta)
            except TimeoutError:
                raise self._failed("timeout", f"no answer within {request.timeout:g} s") from None
            except ConnectionError as error:
                raise self._failed("unreachable", str(error)) from None
            if isinstance(said, Answer):
                return said
            self._weaken(said, request, mode, asked_usage=usage and on_delta is not None)

    def _weaken(self, reply: Reply, request: Request, mode: OutputMode, *, asked_usage: bool) -> None:
        """Ask for less from now on when the reply says that less is offered; else raise the failure that it is."""
        if asked_usage and _refuses(reply, (b"stream_options",)):
            self._tells_usage = False
            log.warning("%s does not tell the usage of a stream", self._name)
        elif request.schema and mode < OutputMode.TEXT and _refuses(reply, NOT_OFFERED):
            self._mode = max(self._mode, OutputMode(mode + 1))
            log.warning("%s does not offer the output mode %s; %s from now on", self._name, mode.name, self._mode.name)
        else:
            raise failure_of(reply, self._name)

    async def _ask(
        self, request: Request, mode: OutputMode, deadline: float, on_delta: Callable[[str], None] | None
    ) -> Answer | Reply:
        """The answer, or a reply of another status than 200; raises ``TimeoutError`` and ``ConnectionError`` too."""
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise self._failed("timeout", "no time is left")
        body = request_body(request, mode, self._options.fields())
        headers = {**self._headers, "idempotency-key": request.key}
        if on_delta is None:
            sent = msgspec.json.encode(body)
            reply = await self._transport.post(self._url, headers=headers, body=sent, timeout=left)
            return answer_of(reply, request, self._name) if reply.status == 200 else reply
        sent = msgspec.json.encode(body | {"stream": True, **(WITH_USAGE if self._tells_usage else {})})
        asked = self._transport.stream(self._url, headers=headers, body=sent, timeout=left, silence=SILENCE)
        async with asked as begun:
            if begun.status == 200 and begun.headers.get("content-type", "").startswith("text/event-stream"):
                return await streamed_answer(begun, request, self._name, on_delta)
            whole = Reply(
                status=begun.status, headers=begun.headers, body=b"".join([chunk async for chunk in begun.chunks])
            )
        if whole.status != 200:
            return whole
        answer = answer_of(whole, request, self._name)
        on_delta(answer.text)
        return answer

    def _failed(self, kind: str, detail: str) -> ProviderFailed:
        return ProviderFailed(kind=kind, retryable=True, provider=self._name, detail=detail)


def request_body(request: Request, mode: OutputMode, options: Mapping[str, object]) -> dict[str, object]:
    """The body of a chat completion request."""
    body: dict[str, object] = {"model": request.model, "messages": _messages(request, mode), **options}
    if request.options:
        if any(name in request.options for name in TOKEN_LIMITS):
            body = {name: value for name, value in body.items() if name not in TOKEN_LIMITS}
        body.update(request.options)
    if request.schema is None:
        return body
    if mode is OutputMode.SCHEMA:
        schema = {"name": "output", "schema": request.schema, "strict": _is_closed(request.schema)}
        return body | {"response_format": {"type": "json_schema", "json_schema": schema}}
    return body | {"response_format": {"type": "json_object"}} if mode is OutputMode.OBJECT else body


def _messages(request: Request, mode: OutputMode) -> list[dict[str, str]]:
    messages = list(request.messages)
    if request.schema is not None and mode is not OutputMode.SCHEMA:
        schema = msgspec.json.encode(request.schema).decode()
        asked = f"Answer with one JSON object that fits this JSON Schema, and with nothing else: {schema}"
        if messages and messages[0].role == "system":
            messages[0] = Message(role="system", content=f"{messages[0].content}\n\n{asked}")
        else:
            messages.insert(0, Message(role="system", content=asked))
    return [{"role": message.role, "content": message.content} for message in messages]


def _is_closed(schema: object) -> bool:
    """Whether every object in the schema requires all its properties and allows no others, as strict mode wants it."""
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


def _refuses(reply: Reply, words: tuple[bytes, ...]) -> bool:
    return reply.status in (400, 415, 422, 501) and any(word in reply.body[:10_000].lower() for word in words)


def _checked_url(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        way_out = "Use the address of the service up to and including /v1, such as http://127.0.0.1:8080/v1."
        raise SettingInvalid(name="base_url", value=base_url or '""', way_out=way_out)
    return base_url.rstrip("/") + "/chat/completions"


def _authorization(api_key: str | None) -> dict[str, str]:
    """The header; a key that cannot stand in one is refused without showing it."""
    key = (api_key or "").strip()
    if not (key.isascii() and (key.isprintable())):
        raise SettingInvalid(name="api_key_env", value="(hidden)", way_out="The key holds characters that no key has.")
    return {"authorization": f"Bearer {key}"} if key else {}
