"""How does an Anthropic message come in piece by piece, and when is it whole?

``message_start``, then blocks of content with their pieces, ``message_delta`` with the stop reason and the counts,
``message_stop``; ``ping`` at any time, ``error`` instead of the rest. Whole is what ended with a stop reason.
"""

import msgspec

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, Request, ToolCall
from leitstand.http_reply import StreamedReply
from leitstand.providers.anthropic_reply import ANSWER_TOOL, REASONS, Block, Message, call_of, usage_of
from leitstand.providers.chat_failures import failure_in_answer
from leitstand.providers.chat_usage import counts_in
from leitstand.providers.event_stream import events, read_to_the_end
from leitstand.providers.said import Said, judged
from leitstand.providers.service import Listener, broken_off


class _Delta(msgspec.Struct):
    text: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class _Event(msgspec.Struct):
    type: str = ""
    index: int = 0
    message: Message | None = None
    content_block: Block | None = None
    delta: _Delta | None = None
    usage: msgspec.Raw = msgspec.Raw(b"null")
    error: object = None


_EVENT = msgspec.json.Decoder(_Event)


class _Collected:
    """What the events add up to so far."""

    def __init__(self, on_delta: Listener) -> None:
        self._on_delta = on_delta
        self._counts: dict[str, object] = {}
        self._calls: dict[int, tuple[str | None, list[str]]] = {}
        self._answer_at: int | None = None
        self.pieces: list[str] = []
        self.reason = ""
        self.model = ""

    def add(self, event: _Event) -> None:
        """Take one more event; its piece of text is handed on at once."""
        if event.message:
            self.model = event.message.model or ""
            self._count(event.message.usage)
        if event.content_block:
            self._begin(event.content_block, event.index)
        if delta := event.delta:
            self.reason = delta.stop_reason or self.reason
            if delta.text:
                self._hear(delta.text)
            if delta.partial_json:
                self._hear_input(delta.partial_json, event.index)
        self._count(event.usage)

    @property
    def begun(self) -> bool:
        """Whether anything of an answer came."""
        return bool(self.pieces or self._calls)

    def said(self) -> Said:
        """Everything that came, as what the model said."""
        calls: tuple[ToolCall, ...] = tuple(call_of(name, "".join(parts)) for name, parts in self._calls.values())
        reason = REASONS.get(self.reason, self.reason)
        return Said(
            text="".join(self.pieces),
            reason="stop" if self._answer_at is not None and reason == "tool_calls" else reason,
            refused=False,
            usage=usage_of(self._counts),
            model=self.model,
            tool_calls=calls,
        )

    def _begin(self, block: Block, index: int) -> None:
        if block.type == "tool_use" and block.name == ANSWER_TOOL:
            self._answer_at = index
        elif block.type == "tool_use":
            self._calls[index] = (block.name, [])
        elif block.text:
            self._hear(block.text)

    def _hear_input(self, piece: str, index: int) -> None:
        """The input of the tool that gives the answer is its text; a model that must use it says nothing before."""
        if index == self._answer_at:
            self._hear(piece)
        elif index in self._calls:
            self._calls[index][1].append(piece)
            self._on_delta("")  # a sign of life

    def _hear(self, text: str) -> None:
        self.pieces.append(text)
        self._on_delta(text)

    def _count(self, raw: msgspec.Raw) -> None:
        """Counts are cumulative: a later one replaces an earlier one, and what is left out stays."""
        self._counts |= {name: value for name, value in counts_in(raw).items() if value is not None}


async def streamed_answer(reply: StreamedReply, request: Request, provider: str, on_delta: Listener) -> Answer:
    """The whole answer, its pieces handed on as they come; raises ``ProviderFailed``, and what ``chunks`` raises."""
    collected = _Collected(on_delta)
    try:
        async for data in events(reply.chunks):
            event = _decoded(data, provider)
            if event.type == "error" or event.error:
                raise failure_in_answer(event.error, reply.headers, provider)
            collected.add(event)
            if event.type == "message_stop":
                await read_to_the_end(reply.chunks)
                break
    except (TimeoutError, ConnectionError):
        if not collected.reason:  # else nothing is missing any more
            raise
    if not collected.reason:
        raise broken_off(provider, begun=collected.begun)
    return judged(collected.said(), request, provider)


def _decoded(data: bytes, provider: str) -> _Event:
    try:
        return _EVENT.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        detail = "an event of the stream is no piece of a message"
        raise ProviderFailed(kind="malformed", retryable=True, provider=provider, detail=detail) from None
