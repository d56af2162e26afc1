"""How does a client library that speaks httpx send everything through our own transport?

One HTTP client leaves the house: what it is not allowed to do, a library on top of it is not either. Of the library's
headers only those go on that a service needs; what it tells about this machine stays here.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

try:
    import httpx
except ImportError as error:
    raise ImportError("pip install 'leitstand[any-llm]'") from error

from leitstand.http_reply import Reply, StreamedReply
from leitstand.ports import Transport

SENT = frozenset({"accept", "api-key", "authorization", "content-type"})
"""Headers that go on."""

DECODED = frozenset({"connection", "content-encoding", "content-length", "transfer-encoding"})
"""Headers of a reply that are about bytes which our transport has read already."""


@dataclass(kw_only=True, slots=True)
class Exchange:
    """What one call is given, and what came over the wire: a library tells it in words of its own, or not at all.

    ``reply`` is one that came whole, no stream of events.
    """

    key: str
    authorized: bool
    timeout: float
    silence: float
    reply: Reply | None = None
    broken: TimeoutError | ConnectionError | None = None


EXCHANGE: ContextVar[Exchange] = ContextVar("exchange")


class OverTransport(httpx.AsyncBaseTransport):
    """An httpx transport over ours; it serves the calls that set ``EXCHANGE``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The reply; a stream of events comes as it comes, everything else whole, and is kept in the exchange too."""
        if request.method != "POST":
            raise httpx.UnsupportedProtocol(f"{request.method} is not sent", request=request)
        exchange, stack = EXCHANGE.get(), AsyncExitStack()
        asked = self._transport.stream(
            str(request.url),
            headers=_headers(request, exchange),
            body=await request.aread(),
            timeout=exchange.timeout,
            silence=exchange.silence,
        )
        with _told(exchange):
            begun = await stack.enter_async_context(asked)
        body = _Body(begun, stack, exchange)
        if begun.status == 200 and begun.headers.get("content-type", "").startswith("text/event-stream"):
            return httpx.Response(200, headers=_kept(begun), stream=body, request=request)
        async with stack:
            received = b"".join([chunk async for chunk in body])
        exchange.reply = Reply(status=begun.status, headers=begun.headers, body=received)
        return httpx.Response(begun.status, headers=_kept(begun), content=received, request=request)


class _Body(httpx.AsyncByteStream):
    """The body of a reply; closing it gives up what has not come yet."""

    def __init__(self, begun: StreamedReply, stack: AsyncExitStack, exchange: Exchange) -> None:
        self._begun, self._stack, self._exchange = begun, stack, exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _told(self._exchange):
            async for chunk in self._begun.chunks:
                yield chunk

    async def aclose(self) -> None:
        await self._stack.aclose()


@contextmanager
def _told(exchange: Exchange) -> Iterator[None]:
    """Our transport's errors in httpx's words, kept in the exchange as they were."""
    try:
        yield
    except TimeoutError as error:
        exchange.broken = error
        raise httpx.ReadTimeout("no reply in time") from error
    except ConnectionError as error:
        exchange.broken = error
        raise httpx.ReadError(str(error)) from error


def _headers(request: httpx.Request, exchange: Exchange) -> dict[str, str]:
    allowed = SENT if exchange.authorized else SENT - {"api-key", "authorization"}
    sent = {name: value for name, value in request.headers.items() if name in allowed}
    return {**sent, "idempotency-key": exchange.key}


def _kept(begun: StreamedReply) -> dict[str, str]:
    return {name: value for name, value in begun.headers.items() if name not in DECODED}
