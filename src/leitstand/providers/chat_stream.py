"""How does a chat completion come in piece by piece, and when is it whole?

Events with one ``chat.completion.chunk`` each, then ``[DONE]``. Whole is what
ended with a finish reason; everything else was broken off, however politely the connection was closed.
"""

from collections.abc import Callable

import msgspec

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, Request
from leitstand.http_reply import StreamedReply
from leitstand.providers.chat_answer import usage_of
from leitstand.providers.chat_failures import failure_in_answer
from leitstand.providers.event_stream import events, read_to_the_end
from leitstand.providers.said import Said, judged

DONE = b"[DONE]"


class _Delta(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


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

    def __init__(self, on_delta: Callable[[str], None]) -> None:
        self._on_delta = on_delta
        self.pieces: list[str] = []
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
            self.refused = self.refused or bool(delta and delta.refusal)
            self.reason = choice.finish_reason or self.reason


async def streamed_answer(
    reply: StreamedReply, request: Request, provider: str, on_delta: Callable[[str], None]
) -> Answer:
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
        detail = "the stream ended without a finish reason" if collected.pieces else "the stream holds no answer"
        kind = "unreachable" if collected.pieces else "empty"
        raise ProviderFailed(kind=kind, retryable=True, provider=provider, detail=detail)
    said = Said(
        text="".join(collected.pieces),
        reason=collected.reason,
        refused=collected.refused,
        usage=usage_of(collected.usage),
        model=collected.model,
    )
    return judged(said, request, provider)


def _decoded(data: bytes, provider: str) -> _Chunk:
    try:
        return _CHUNK.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        detail = "an event of the stream is no piece of a chat completion"
        raise ProviderFailed(kind="malformed", retryable=True, provider=provider, detail=detail) from None
