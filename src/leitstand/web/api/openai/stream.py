"""How does an answer leave in pieces: as it comes, or all that was held until it was checked?"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from leitstand.domain.errors import Phrase, translatable
from leitstand.web.api.openai.completion import Pieces, broken
from leitstand.web.api.openai.errors import failure_of
from leitstand.web.api.openai.exchange import Exchange
from leitstand.web.chat_refusals import StreamBroken
from leitstand.web.problems import known_error
from leitstand.web.replies import API_HEADERS, Header

RESTARTED = translatable("the model failed and another attempt was made")
TOO_LONG = translatable("the case did not come to its end here in time")

SLICE = 16_384
"""Characters of a piece that had to wait until the case was at rest."""

GATHERING = 0.005
"""Seconds after a write in which pieces gather for the next: too short to be seen, long enough to save most writes."""


def _start(headers: Iterable[Header]) -> dict[str, object]:
    fields = [(b"content-type", b"text/event-stream; charset=utf-8"), *API_HEADERS, (b"x-accel-buffering", b"no")]
    return {"type": "http.response.start", "status": 200, "headers": [*fields, *headers]}


def _body(body: bytes, *, more: bool) -> dict[str, object]:
    return {"type": "http.response.body", "body": body, "more_body": more}


@dataclass(frozen=True, kw_only=True, slots=True)
class EventReply:
    """Events that are all there already, as an ASGI application."""

    body: bytes
    headers: Iterable[Header]
    status: int = 200

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send them together."""
        await send(_start(self.headers))
        await send(_body(self.body, more=False))


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamThrough:
    """An answer on its way, as an ASGI application; ``first`` are the pieces that came first.

    What came since the last write leaves in one. The last event says that the answer is whole only after the case is
    durable. A caller that went away is written to in vain; the case does not notice.
    """

    exchange: Exchange
    first: list[str]
    headers: Iterable[Header]
    status: int = 200

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send piece after piece, then what is left, then why it ends."""
        exchange = self.exchange
        pieces = Pieces(exchange.summary.case, tells_usage=exchange.asked.tells_usage)
        try:
            await send(_start(self.headers))
            said, lead, heard = self.first, pieces.begin(), 0
            while said:
                await send(_body(lead + pieces.say(said), more=True))
                heard += sum(map(len, said))
                await asyncio.sleep(GATHERING)
                said, lead = await exchange.listener.pieces(), b""
            unheard, last = await self._end(pieces, heard, scope)
            for start in range(0, len(unheard), SLICE):
                await send(_body(pieces.say((unheard[start : start + SLICE],)), more=True))
            await send(_body(last, more=False))
        finally:
            exchange.leave()

    async def _end(self, pieces: Pieces, heard: int, scope: Scope) -> tuple[str, bytes]:
        """What a slow caller has not heard yet, and the last events: an error where the answer is not whole."""
        listener, case_id = self.exchange.listener, self.exchange.summary.case.case_id
        try:
            if listener.case is None:
                self.exchange.heed(self.exchange.summary.case)
            if listener.broken or listener.case is None:
                raise StreamBroken(case_id=case_id, detail=Phrase(RESTARTED if listener.broken else TOO_LONG))
            answer = await self.exchange.answer()
        except Exception as error:  # noqa: BLE001  too late for a status: the caller is told in the stream
            occurrence = scope["state"]["occurrence"]
            known = known_error(error, scope["path"], scope["method"], occurrence)
            return "", broken(failure_of(known, self.exchange.language, occurrence)[1])
        return (answer.content or "")[heard:], pieces.end(answer)
