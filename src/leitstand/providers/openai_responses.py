"""How is a model asked whose service speaks OpenAI's responses?

https://platform.openai.com/docs/api-reference/responses
"""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from leitstand.domain.drafting import Target
from leitstand.domain.message import Answer, Message, Request, ToolRound
from leitstand.domain.price import Price
from leitstand.http_reply import Reply
from leitstand.ports import Transport
from leitstand.providers.chat_failures import failure_of
from leitstand.providers.options import chosen, read_options, refuse_unspoken
from leitstand.providers.output_mode import NOT_OFFERED, OutputMode, is_closed, refuses, weaker, with_schema
from leitstand.providers.responses_reply import answer_of
from leitstand.providers.responses_stream import streamed_answer
from leitstand.providers.service import Listener, Reading, Service, bearer, checked_url

NO_MODE = (*NOT_OFFERED, b"text.format")

NO_THOUGHT = (b"include", b"encrypted")
"""What the service says of a model that does not reason, when it is asked for its encrypted reasoning."""

WITH_THOUGHT: dict[str, object] = {"include": ["reasoning.encrypted_content"]}
"""Nothing is stored there, so what a model reasoned before it asked for tools has to come along and go back."""

Body = dict[str, object]


class ResponsesOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a target; what is left out is left to the service."""

    json_schema: bool = True
    temperature: float | None = None
    top_p: float | None = None
    max_output_tokens: int | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    service_tier: str | None = None


class OpenaiResponses:
    """A ``ModelProvider`` over ``POST {base_url}/responses``.

    The service is told not to store anything. ``api_key`` goes into the Authorization header and nowhere else. A
    service that does not offer JSON-schema output is asked in a weaker mode from then on.
    """

    price: Price | None = None

    def __init__(self, target: Target, transport: Transport, api_key: str | None) -> None:
        self._options = read_options(target.options, ResponsesOptions)
        self._service = Service(
            url=checked_url(target.base_url, "/responses"),
            name=target.name,
            headers=bearer(api_key),
            transport=transport,
            reading=Reading(whole=answer_of, streamed=streamed_answer),
        )
        self._mode = OutputMode.SCHEMA if self._options.json_schema else OutputMode.OBJECT
        self._thinks = True

    async def generate(self, request: Request, on_delta: Listener | None = None) -> Answer:
        """Answer of the model, whole; ``ProviderFailed`` for everything else, within ``request.timeout`` seconds."""
        refuse_unspoken("openai_responses", request, self._service.name)
        deadline = asyncio.get_running_loop().time() + request.timeout
        while True:
            mode, asks_thought = self._mode, self._thinks and bool(request.tools)
            body = request_body(request, mode, self._options) | (WITH_THOUGHT if asks_thought else {})
            said = await self._service.ask(body, request, deadline, on_delta)
            if isinstance(said, Answer):
                return said
            self._weaken(said, request, mode, asked_thought=asks_thought)

    def _weaken(self, reply: Reply, request: Request, mode: OutputMode, *, asked_thought: bool) -> None:
        """Ask for less from now on when the reply says that less is offered; else raise the failure that it is."""
        if asked_thought and refuses(reply, NO_THOUGHT):
            self._thinks = False
        elif request.schema is not None and (next_mode := weaker(mode, reply, self._service.name, NO_MODE)):
            self._mode = max(self._mode, next_mode)
        else:
            raise failure_of(reply, self._service.name)


def request_body(request: Request, mode: OutputMode, options: ResponsesOptions) -> Body:
    """The body of a responses request."""
    messages = request.messages
    if request.schema is not None and mode is not OutputMode.SCHEMA:
        messages = tuple(with_schema(messages, request.schema))
    body: Body = {
        "model": request.model,
        "input": _input(messages, request.rounds),
        "store": False,
        **chosen(options, "json_schema", "reasoning_effort", "verbosity"),
        **_of_caller(request.options),
    }
    if effort := request.options.get("reasoning_effort", options.reasoning_effort):
        body["reasoning"] = {"effort": effort}
    text: Body = {"verbosity": options.verbosity} if options.verbosity else {}
    if form := _format(request, mode):
        text["format"] = form
    if text:
        body["text"] = text
    if request.tools:
        body["tools"] = [
            {"type": "function", "name": t.name, "description": t.description, "parameters": t.parameters, **LOOSE}
            for t in request.tools
        ]
    return body


LOOSE: Body = {"strict": False}
"""Else the service rewrites the parameters' schema, and refuses one that leaves things open."""


def _of_caller(options: Mapping[str, object]) -> Body:
    """The caller's options by the names of this API."""
    named = {name: options[name] for name in ("temperature", "top_p") if name in options}
    most = options.get("max_completion_tokens", options.get("max_tokens"))
    return named if most is None else named | {"max_output_tokens": most}


def _format(request: Request, mode: OutputMode) -> object:
    """The form of the text: the schema's, or the caller's own in the shape of chat completions."""
    if request.schema is not None:
        if mode is OutputMode.SCHEMA:
            strict = is_closed(request.schema)
            return {"type": "json_schema", "name": "output", "schema": request.schema, "strict": strict}
        return {"type": "json_object"} if mode is OutputMode.OBJECT else None
    form = request.options.get("response_format")
    if isinstance(form, Mapping) and isinstance(schema := form.get("json_schema"), Mapping):
        return {"type": "json_schema", **schema}
    return form


def _input(messages: Sequence[Message], rounds: Sequence[ToolRound]) -> list[Body]:
    items: list[Body] = [{"role": message.role, "content": message.content} for message in messages]
    for each in rounds:
        items += msgspec.json.decode(each.thought, type=list[Body]) if each.thought else []
        if each.text.strip():
            items.append({"role": "assistant", "content": each.text})
        items += [
            {"type": "function_call", "call_id": c.id, "name": c.name, "arguments": c.arguments} for c in each.calls
        ]
        items += [
            {"type": "function_call_output", "call_id": call.id, "output": result}
            for call, result in zip(each.calls, each.results, strict=True)
        ]
    return items
