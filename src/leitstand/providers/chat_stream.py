"""How does a chat completion come in piece by piece, and when is it whole?

Events with one ``chat.completion.chunk`` each, then ``[DONE]``. Whole is what
ended with a finish reason; everything else was broken off, however politely the connection was closed.
"""

import msgspec

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, Request, ToolCall
from leitstand.http_reply import StreamedReply
from leitstand.providers.chat_failures import failure_in_answer
from leitstand.providers.chat_usage import usage_of
from leitstand.providers.event_stream import events, read_to_the_end
from leitstand.providers.said import Said, judged
from leitstand.providers.service import Listener, broken_off

DONE = b"[DONE]"


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class _ToolCall(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Delta(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    model: str | None = None
    usage: msgspec.Raw = msgspec.Raw(b"null")
    error: object = None


_CHUNK = msgspec.json.Decoder(_Chunk)


class _Collected:
    """What the chunks add up to so far."""

    def __init__(self, on_delta: Listener) -> None:
        self._on_delta = on_delta
        self.pieces: list[str] = []
        self._calls: dict[int, tuple[list[str], list[str]]] = {}
        self.reason = ""
        self.refused = False
        self.usage = msgspec.Raw(b"null")
        self.model = ""

    def add(self, chunk: _Chunk) -> None:
        """Take one more chunk; its piece of text is handed on at once."""
        self.model = self.model or chunk.model or ""
        if bytes(chunk.usage) != b"null":
            self.usage = chunk.usage
        for choice in (chunk.choices or ())[:1]:
            delta = choice.delta
            if delta and delta.content:
                self.pieces.append(delta.content)
                self._on_delta(delta.content)
            for call in (delta and delta.tool_calls) or ():
                self._add_call(call)
            self.refused = self.refused or bool(delta and delta.refusal)
            self.reason = choice.finish_reason or self.reason

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls that were asked for, in their order."""
        return tuple(
            ToolCall(name="".join(name), arguments="".join(arguments) or "{}")
            for _, (name, arguments) in sorted(self._calls.items())
        )

    def _add_call(self, call: _ToolCall) -> None:
        """A piece belongs to the call with its index; without one, an id begins the next call."""
        last = max(self._calls, default=-1)
        index = call.index if call.index is not None else last + 1 if call.id or last < 0 else last
        name, arguments = self._calls.setdefault(index, ([], []))
        if call.function:
            name.append(call.function.name or "")
            arguments.append(call.function.arguments or "")
        self._on_delta("")


async def streamed_answer(reply: StreamedReply, request: Request, provider: str, on_delta: Listener) -> Answer:
    """The whole answer, its pieces handed on as they come; raises ``ProviderFailed``, and what ``chunks`` raises."""
    collected = _Collected(on_delta)
    try:
        async for data in events(reply.chunks):
            if data == DONE:
                await read_to_the_end(reply.chunks)
                break
            chunk = _decoded(data, provider)
            if chunk.error:
                raise failure_in_answer(chunk.error, reply.headers, provider)
            collected.add(chunk)
    except (TimeoutError, ConnectionError):
        if not collected.reason:  # else only the usage is missing, and so unknown
            raise
    if not collected.reason and not collected.refused:
        raise broken_off(provider, begun=bool(collected.pieces or collected.tool_calls))
    said = Said(
        text="".join(collected.pieces),
        reason=collected.reason,
        refused=collected.refused,
        usage=usage_of(collected.usage),
        model=collected.model,
        tool_calls=collected.tool_calls,
    )
    return judged(said, request, provider)


def _decoded(data: bytes, provider: str) -> _Chunk:
    try:
        return _CHUNK.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        detail = "an event of the stream is no piece of a chat completion"
        raise ProviderFailed(kind="malformed", retryable=True, provider=provider, detail=detail) from None
