"""How are requests sent with pyreqwest, a client written in Rust?

No proxy is taken from the environment, no redirect followed, no cookie kept: a request goes where it says or nowhere.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError, RequestTimeoutError
from pyreqwest.response import Response

from leitstand.http_reply import MOST_REPLY_BYTES, Reply, StreamedReply
from leitstand.transports.patience import Patience
from leitstand.transports.pins import Pins, refuse_others

NOT_CONNECTED = "client error (Connect)"
"""The cause that tells a missing connection from a missing reply: both are told as the same error."""


class PyreqwestTransport:
    """A ``Transport``; connections are kept and reused until ``close``. One that is pinned has a ``host``."""

    def __init__(self, connect: float | None = None, host: str = "", peer: str = "") -> None:
        self._connect = connect
        self._host = host
        self._peer = peer
        self._client: Client | None = None
        self._within: dict[float, PyreqwestTransport] = {}
        self._pins = Pins(lambda host, peer: PyreqwestTransport(connect, host, peer))

    def connecting_within(self, seconds: float) -> "PyreqwestTransport":
        """The same with so much patience for connections, which a client of pyreqwest has once and for all."""
        return self._within.setdefault(seconds, PyreqwestTransport(seconds, self._host, self._peer))

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes, timeout: float) -> Reply:
        """The reply; ``TimeoutError`` after ``timeout`` seconds in all, ``ConnectionError`` for everything broken."""
        client = self._client_for(url)
        with _plain_errors(timeout):
            request = client.post(url).headers(headers).body_bytes(body).timeout(timedelta(seconds=timeout))
            async with request.build_streamed() as response:
                return Reply(status=response.status, headers=_headers(response), body=await _body(response))

    @asynccontextmanager
    async def stream(
        self, url: str, *, headers: Mapping[str, str], body: bytes, timeout: float, silence: float
    ) -> AsyncIterator[StreamedReply]:
        """The reply as it comes; ``TimeoutError`` after ``timeout`` in all and after ``silence`` between chunks."""
        client = self._client_for(url)
        async with AsyncExitStack() as stack:
            with _plain_errors(timeout):
                request = client.post(url).headers(headers).body_bytes(body).timeout(timedelta(seconds=timeout))
                streamed = request.streamed_read_buffer_limit(0).build_streamed()  # else it waits for the first 64 KiB
                response = await stack.enter_async_context(streamed)
            chunks = _chunks(response, timeout, silence)
            yield StreamedReply(status=response.status, headers=_headers(response), chunks=chunks)

    def pinned(self, host: str, peer: str) -> "PyreqwestTransport":
        """The same for requests to ``host``, which connect to ``peer``; with a client of its own, of 2 ms."""
        return self._pins.of(host, peer)

    async def close(self) -> None:
        """Close the kept connections; a later ``post`` opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()
        for transport in self._within.values():
            await transport.close()
        await self._pins.close()

    def _client_for(self, url: str) -> Client:
        refuse_others(url, self._host)
        if self._client is None:
            self._client = _client(self._connect, self._host, self._peer)
        return self._client


def _client(connect: float | None, host: str, peer: str) -> Client:
    builder = ClientBuilder().no_proxy().follow_redirects(False).default_cookie_store(False).referer(False)
    if host:
        builder = builder.resolve(host, peer, 0)  # 0: the port that the address says
    if connect is not None:
        builder = builder.connect_timeout(timedelta(seconds=connect))
    return builder.user_agent("leitstand").pool_idle_timeout(timedelta(seconds=30)).build()


def _headers(response: Response) -> dict[str, str]:
    """Lower-case names; of a name that comes twice the last value."""
    return {name.lower(): value for name, value in response.headers.items()}


async def _body(response: Response) -> bytes:
    """The whole body after decompression; one read that stops a byte behind the limit costs a third of many."""
    body = await response.body_reader.read(MOST_REPLY_BYTES + 1)
    if body is None:
        return b""
    if len(body) > MOST_REPLY_BYTES:
        raise ConnectionError(f"the reply is larger than {MOST_REPLY_BYTES} bytes")
    return body.to_bytes()


async def _chunks(response: Response, timeout: float, silence: float) -> AsyncIterator[bytes]:
    """The body piece by piece after decompression."""
    size = 0
    with _plain_errors(timeout), Patience(silence) as patience:
        while (chunk := await patience.wait(response.body_reader.read_chunk())) is not None:
            size += len(chunk)
            if size > MOST_REPLY_BYTES:
                raise ConnectionError(f"the reply is larger than {MOST_REPLY_BYTES} bytes")
            yield chunk.to_bytes()


@contextmanager
def _plain_errors(timeout: float) -> Iterator[None]:
    """Tell the client's errors as the port promises."""
    try:
        yield
    except RequestTimeoutError as error:
        if _never_left(error):
            raise ConnectionRefusedError("no connection in time") from None
        raise TimeoutError(f"no complete reply within {timeout:g} s") from error
    except (PyreqwestError, ValueError) as error:
        broken = ConnectionRefusedError if _never_left(error) else ConnectionError
        raise broken(_reason(error)) from None


def _never_left(error: Exception) -> bool:
    return any(cause["message"] == NOT_CONNECTED for cause in _causes(error))


def _reason(error: Exception) -> str:
    """The innermost cause: the outer ones repeat the address, which may hold what nobody should read."""
    causes = _causes(error)
    return causes[-1]["message"] if causes else "the address cannot be used"


def _causes(error: Exception) -> list[dict[str, str]]:
    details = getattr(error, "details", None) or {}
    return details.get("causes") or []
