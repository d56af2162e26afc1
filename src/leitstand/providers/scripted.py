"""How does a test or a benchmark get a model whose answers are known beforehand?"""

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, Request, ToolCall
from leitstand.domain.price import Price, Usage
from leitstand.domain.sentences import sentences
from leitstand.ports import Transport
from leitstand.providers.options import read_options

Reply = str | Answer | ProviderFailed
Script = Callable[[Request], Reply] | Sequence[Reply]

QUOTE = "{quote}"


class ScriptedOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a scripted target.

    ``answer`` is the answer's text, in which ``{quote}`` stands for the first sentence of the first passage, escaped as
    in JSON; ``delay_ms`` the thinking time; the first ``fail_first`` calls fail as ``fail_kind``. In the first
    ``tool_rounds`` answers of a case it asks for ``tool`` instead, with ``tool_arguments``.
    """

    answer: str
    delay_ms: float = 0.0
    fail_first: int = 0
    fail_kind: str = "overloaded"
    input_tokens: int | None = None
    output_tokens: int | None = None
    tool: str = ""
    tool_arguments: str = "{}"
    tool_rounds: int = 1


class ScriptedModel:
    """A ``ModelProvider`` that follows a script: a function of the request, or replies in turn, the last one for ever.

    A reply is the answer's text, a whole ``Answer``, or the failure to raise. ``delay`` is in seconds.
    """

    def __init__(
        self, script: Script, *, delay: float = 0.0, usage: Usage | None = None, price: Price | None = None
    ) -> None:
        self.price = price
        self.calls = 0
        self._script = script
        self._delay = delay
        self._usage = usage or Usage()

    async def generate(self, request: Request, on_delta: Callable[[str], None] | None = None) -> Answer:
        """The next reply of the script; a delay beyond ``request.timeout`` seconds is a timeout, as with any model."""
        self.calls += 1
        reply = self._next(request)
        await asyncio.sleep(min(self._delay, request.timeout))
        if self._delay > request.timeout:
            raise ProviderFailed(
                kind="timeout", retryable=True, provider="scripted", detail=f"no answer within {request.timeout:g} s"
            )
        if isinstance(reply, ProviderFailed):
            raise reply
        if isinstance(reply, str):
            reply = Answer(text=reply, usage=self._usage, model=request.model or "scripted", finish_reason="stop")
        if on_delta:
            on_delta(reply.text)
        return reply

    def _next(self, request: Request) -> Reply:
        if callable(self._script):
            return self._script(request)
        return self._script[min(self.calls, len(self._script)) - 1]


def scripted(target: Target, transport: Transport | None, api_key: str | None) -> ScriptedModel:
    """The scripted model of a workflow's target; raises ``SettingInvalid`` for options that it does not have."""
    del transport, api_key
    options = read_options(target.options, ScriptedOptions)
    failures = 0
    usage = Usage(input_tokens=options.input_tokens, output_tokens=options.output_tokens)

    def reply(request: Request) -> Reply:
        nonlocal failures
        if failures < options.fail_first:
            failures += 1
            return ProviderFailed(
                kind=options.fail_kind, retryable=True, provider="scripted", detail="as the script says"
            )
        if options.tool and len(request.rounds) < options.tool_rounds:
            asked = (ToolCall(name=options.tool, arguments=options.tool_arguments),)
            return Answer(text="", usage=usage, model="scripted", finish_reason="tool_calls", tool_calls=asked)
        return options.answer.replace(QUOTE, _quote(request)) if QUOTE in options.answer else options.answer

    return ScriptedModel(reply, delay=options.delay_ms / 1000, usage=usage, price=target.price)


def _quote(request: Request) -> str:
    passages = request.grounding.passages
    text = passages[0].text if passages else ""
    spans = sentences(text)
    first = text[spans[0].start : spans[0].end] if spans else ""
    return msgspec.json.encode(first).decode()[1:-1]
