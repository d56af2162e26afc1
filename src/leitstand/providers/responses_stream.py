"""How does an OpenAI response come in piece by piece, and when is it whole?

Events with a ``type`` each; the last one holds the whole response: ``response.completed``, ``response.incomplete`` or
``response.failed``. Without one of them the response was broken off.
"""

import dataclasses

import msgspec

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, Request
from leitstand.http_reply import StreamedReply
from leitstand.providers.chat_failures import failure_in_answer
from leitstand.providers.event_stream import events, read_to_the_end
from leitstand.providers.responses_reply import Response, said_in
from leitstand.providers.said import Said, judged
from leitstand.providers.service import Listener, broken_off

LAST = frozenset({"response.completed", "response.incomplete", "response.failed"})


class _Event(msgspec.Struct):
    type: str = ""
    delta: object = None
    response: Response | None = None
    error: object = None
    code: str | None = None
    message: str | None = None


_EVENT = msgspec.json.Decoder(_Event)


async def streamed_answer(reply: StreamedReply, request: Request, provider: str, on_delta: Listener) -> Answer:
    """The whole answer, its pieces handed on as they come; raises ``ProviderFailed``, and what ``chunks`` raises."""
    pieces: list[str] = []
    async for data in events(reply.chunks):
        event = _decoded(data, provider)
        if event.type == "error" or event.error:
            error = event.error or {"code": event.code, "message": event.message}
            raise failure_in_answer(error, reply.headers, provider)
        if event.type == "response.output_text.delta" and isinstance(event.delta, str) and event.delta:
            pieces.append(event.delta)
            on_delta(event.delta)
        if event.type == "response.function_call_arguments.delta":
            on_delta("")
        if event.type in LAST and event.response:
            await read_to_the_end(reply.chunks)
            said = said_in(event.response, reply.headers, provider)
            return judged(_heard(said, pieces, on_delta), request, provider)
    raise broken_off(provider, begun=bool(pieces))


def _heard(said: Said, pieces: list[str], on_delta: Listener) -> Said:
    """What was said, in the words that were heard: some services send no pieces, others nothing whole at the end."""
    if pieces:
        return dataclasses.replace(said, text="".join(pieces))
    if said.text:
        on_delta(said.text)
    return said


def _decoded(data: bytes, provider: str) -> _Event:
    if data == b"[DONE]":  # some services end with it
        return _Event()
    try:
        return _EVENT.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        detail = "an event of the stream is no piece of a response"
        raise ProviderFailed(kind="malformed", retryable=True, provider=provider, detail=detail) from None
