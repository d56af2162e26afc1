"""How is a model asked whose service speaks OpenAI's chat completions, as most services and local servers do?"""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence

from leitstand.domain.drafting import Target
from leitstand.domain.message import Answer, Message, Request, ToolRound
from leitstand.domain.price import Price
from leitstand.http_reply import Reply
from leitstand.ports import Transport
from leitstand.providers.chat_answer import answer_of
from leitstand.providers.chat_failures import failure_of
from leitstand.providers.chat_options import ChatOptions
from leitstand.providers.chat_stream import streamed_answer
from leitstand.providers.options import read_options
from leitstand.providers.output_mode import OutputMode, is_closed, refuses, weaker, with_schema
from leitstand.providers.service import Listener, Reading, Service, bearer, checked_url

log = logging.getLogger(__name__)

TOKEN_LIMITS = ("max_tokens", "max_completion_tokens")
"""Two names of one option: a caller's replaces a target's, whichever of them each uses."""

WITH_USAGE: dict[str, object] = {"stream_options": {"include_usage": True}}
"""Without it a stream does not tell what it cost."""


class OpenaiCompatible:
    """A ``ModelProvider`` over ``POST {base_url}/chat/completions``.

    ``api_key`` goes into the Authorization header and nowhere else. A service that does not offer JSON-schema output is
    asked in a weaker mode from then on: the schema then stands in the prompt.
    """

    price: Price | None = None

    def __init__(self, target: Target, transport: Transport, api_key: str | None) -> None:
        self._service = Service(
            url=checked_url(target.base_url, "/chat/completions"),
            name=target.name,
            headers=bearer(api_key),
            transport=transport,
            reading=Reading(whole=answer_of, streamed=streamed_answer),
        )
        self._options = read_options(target.options, ChatOptions)
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
        if asked_usage and refuses(reply, (b"stream_options",)):
            self._tells_usage = False
            log.warning("%s does not tell the usage of a stream", self._service.name)
        elif request.schema and (next_mode := weaker(mode, reply, self._service.name)):
            self._mode = max(self._mode, next_mode)
        else:
            raise failure_of(reply, self._service.name)


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
    messages: Sequence[Message] = request.messages
    if request.schema is not None and mode is not OutputMode.SCHEMA:
        messages = with_schema(messages, request.schema)
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
