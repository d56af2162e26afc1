"""How is a model asked whose service speaks Anthropic's messages?

https://platform.claude.com/docs/en/api/messages, version 2023-06-01.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from leitstand.domain.drafting import Target
from leitstand.domain.message import Answer, Message, Request, ToolRound
from leitstand.domain.price import Price
from leitstand.ports import Transport
from leitstand.providers.anthropic_reply import ANSWER_TOOL, answer_of
from leitstand.providers.anthropic_stream import streamed_answer
from leitstand.providers.chat_failures import failure_of
from leitstand.providers.options import chosen, read_options, refuse_unspoken
from leitstand.providers.output_mode import NOT_OFFERED, OutputMode, is_closed, weaker, with_schema
from leitstand.providers.service import Listener, Reading, Service, checked_key, checked_url

NO_MODE = (*NOT_OFFERED, b"output_config", b"output_format", b"tool_choice", b"input_schema")
"""What the service says when a model does not offer an output mode, or a schema does not fit into it."""

Body = dict[str, object]


class AnthropicOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a target; what is left out is left to the service, except ``max_tokens``, which it wants to be told.

    ``prompt_caching`` lets the service keep the beginning of the prompt; ``version`` is the API's.
    """

    max_tokens: int = 4096
    json_schema: bool = True
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    effort: str | None = None
    thinking: Literal["adaptive", "disabled"] | None = None
    service_tier: str | None = None
    prompt_caching: bool = False
    version: str = "2023-06-01"


class Anthropic:
    """A ``ModelProvider`` over ``POST {base_url}/messages``.

    ``api_key`` goes into the x-api-key header and nowhere else. The output schema goes into ``output_config``; where
    that is not offered, or for a schema that leaves things open, the answer is the input of a tool that the model must
    use; where neither is offered, the schema stands in the prompt.
    """

    price: Price | None = None

    def __init__(self, target: Target, transport: Transport, api_key: str | None) -> None:
        self._options = read_options(target.options, AnthropicOptions)
        key = checked_key(api_key)
        version = {"anthropic-version": checked_key(self._options.version)}
        self._service = Service(
            url=checked_url(target.base_url, "/messages"),
            name=target.name,
            headers=version | ({"x-api-key": key} if key else {}),
            transport=transport,
            reading=Reading(whole=answer_of, streamed=streamed_answer),
        )
        self._mode = OutputMode.SCHEMA if self._options.json_schema else OutputMode.OBJECT

    async def generate(self, request: Request, on_delta: Listener | None = None) -> Answer:
        """Answer of the model, whole; ``ProviderFailed`` for everything else, within ``request.timeout`` seconds."""
        refuse_unspoken("anthropic", request, self._service.name)
        deadline = asyncio.get_running_loop().time() + request.timeout
        while True:
            mode = self._mode_for(request)
            said = await self._service.ask(request_body(request, mode, self._options), request, deadline, on_delta)
            if isinstance(said, Answer):
                return said
            next_mode = None if request.schema is None else weaker(mode, said, self._service.name, NO_MODE)
            if next_mode is None:
                raise failure_of(said, self._service.name)
            self._mode = max(self._mode, next_mode)

    def _mode_for(self, request: Request) -> OutputMode:
        return self._mode if is_closed(request.schema) else max(self._mode, OutputMode.OBJECT)


def request_body(request: Request, mode: OutputMode, options: AnthropicOptions) -> Body:
    """The body of a messages request."""
    messages = request.messages
    if request.schema is not None and mode is OutputMode.TEXT:
        messages = tuple(with_schema(messages, request.schema))
    body: Body = {
        "model": request.model,
        **chosen(options, "json_schema", "effort", "thinking", "prompt_caching", "version"),
        **_of_caller(request.options),
        **_said(messages, request.rounds),
    }
    if options.thinking:
        body["thinking"] = {"type": options.thinking}
    if options.prompt_caching:
        body["cache_control"] = {"type": "ephemeral"}
    if output := _output(request, mode, request.options.get("reasoning_effort", options.effort)):
        body["output_config"] = output
    return body | _tools(request, mode)


def _of_caller(options: Mapping[str, object]) -> Body:
    """The caller's options by the names of this API."""
    named = {name: options[name] for name in ("temperature", "top_p") if name in options}
    most = options.get("max_completion_tokens", options.get("max_tokens"))
    if most is not None:
        named["max_tokens"] = most
    if stop := options.get("stop"):
        named["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    return named


def _said(messages: Sequence[Message], rounds: Sequence[ToolRound]) -> Body:
    """What the system says goes apart; a conversation in which only the system spoke begins with that."""
    told = [message.content for message in messages if message.role in ("system", "developer")]
    spoken: list[Body] = [
        {"role": message.role, "content": message.content}
        for message in messages
        if message.role in ("user", "assistant") and message.content
    ]
    if not spoken:
        return {"messages": [{"role": "user", "content": "\n\n".join(told)}]}
    for each in rounds:
        spoken += _round(each)
    return {"messages": spoken, **({"system": "\n\n".join(told)} if told else {})}


def _round(each: ToolRound) -> list[Body]:
    """The answer that asked for tools, then one message with all results."""
    text: list[Body] = [{"type": "text", "text": each.text}] if each.text.strip() else []
    used = [{"type": "tool_use", "id": c.id, "name": c.name, "input": _object(c.arguments)} for c in each.calls]
    results = [
        {"type": "tool_result", "tool_use_id": call.id, "content": result}
        for call, result in zip(each.calls, each.results, strict=True)
    ]
    return [{"role": "assistant", "content": [*text, *used]}, {"role": "user", "content": results}]


def _object(arguments: str) -> object:
    """The arguments of a call as the object that the API wants; what is none was refused, and its result says so."""
    try:
        return msgspec.json.decode(arguments, type=dict[str, object])
    except msgspec.MsgspecError:
        return {}


def _output(request: Request, mode: OutputMode, effort: object) -> Body:
    output: Body = {"effort": effort} if effort else {}
    if request.schema is not None and mode is OutputMode.SCHEMA:
        output["format"] = {"type": "json_schema", "schema": request.schema}
    return output


def _tools(request: Request, mode: OutputMode) -> Body:
    """The tools of the workflow and, where the answer is given through one, that tool, which must be used."""
    tools: list[Body] = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.parameters} for tool in request.tools
    ]
    if request.schema is None or mode is not OutputMode.OBJECT:
        return {"tools": tools} if tools else {}
    answer = {"name": ANSWER_TOOL, "description": "Gives the answer.", "input_schema": request.schema}
    choice = {"type": "any"} if tools else {"type": "tool", "name": ANSWER_TOOL}
    return {"tools": [*tools, answer], "tool_choice": choice}
