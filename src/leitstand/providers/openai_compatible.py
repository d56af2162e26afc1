"""How is a model asked whose service speaks OpenAI's chat completions, as most services and local servers do?"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from enum import IntEnum
from urllib.parse import urlsplit

import msgspec

from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Answer, Message, Price, Request
from leitstand.domain.workflow import Target
from leitstand.ports import Reply, Transport
from leitstand.providers.chat_answer import answer_of
from leitstand.providers.chat_failures import failure_of
from leitstand.providers.chat_options import read_options

log = logging.getLogger(__name__)

NOT_OFFERED = (b"response_format", b"json_schema", b"json schema", b"json_object", b"structured output")
"""What services say when they do not offer an output mode; compared in lower case."""


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
            mode = self._mode
            reply = await self._post(request, mode, deadline)
            if reply.status == 200:
                break
            if not (request.schema and mode < OutputMode.TEXT and _not_offered(reply)):
                raise failure_of(reply, self._name)
            self._mode = max(self._mode, OutputMode(mode + 1))
            log.warning("%s does not offer the output mode %s; %s from now on", self._name, mode.name, self._mode.name)
        answer = answer_of(reply, model=request.model, provider=self._name)
        if on_delta:
            on_delta(answer.text)
        return answer

    async def _post(self, request: Request, mode: OutputMode, deadline: float) -> Reply:
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise self._failed("timeout", "no time is left")
        body = msgspec.json.encode(request_body(request, mode, self._options.fields()))
        headers = {**self._headers, "idempotency-key": request.key}
        try:
            return await self._transport.post(self._url, headers=headers, body=body, timeout=left)
        except TimeoutError:
            raise self._failed("timeout", f"no answer within {request.timeout:g} s") from None
        except ConnectionError as error:
            raise self._failed("unreachable", str(error)) from None

    def _failed(self, kind: str, detail: str) -> ProviderFailed:
        return ProviderFailed(kind=kind, retryable=True, provider=self._name, detail=detail)


def request_body(request: Request, mode: OutputMode, options: Mapping[str, object]) -> dict[str, object]:
    """The body of a chat completion request."""
    body: dict[str, object] = {"model": request.model, "messages": _messages(request, mode), **options}
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


def _not_offered(reply: Reply) -> bool:
    return reply.status in (400, 415, 422, 501) and any(word in reply.body[:10_000].lower() for word in NOT_OFFERED)


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
