"""How are requests sent with aiohttp?

No proxy is taken from the environment, no redirect followed, no cookie kept: a request goes where it says or nowhere.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from leitstand.http_reply import MOST_REPLY_BYTES, Reply, StreamedReply
from leitstand.transports.patience import Patience
from leitstand.transports.pins import Pins, refuse_others


class AiohttpTransport:
    """A ``Transport``; connections are kept and reused until ``close``. One that is pinned has a ``host``."""

    def __init__(self, connect: float | None = None, host: str = "", peer: str = "") -> None:
        self._connect = connect
        self._host = host
        self._peer = peer
        self._session: aiohttp.ClientSession | None = None
        self._within: dict[float, AiohttpTransport] = {}
        self._pins = Pins(lambda host, peer: AiohttpTransport(connect, host, peer))

    def connecting_within(self, seconds: float) -> "AiohttpTransport":
        """The same with so much patience for connections."""
        return self._within.setdefault(seconds, AiohttpTransport(seconds, self._host, self._peer))

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes, timeout: float) -> Reply:
        """The reply; ``TimeoutError`` after ``timeout`` seconds in all, ``ConnectionError`` for everything broken."""
        asked = self._asked(url, headers, body)
        with _plain_errors(timeout):
            async with asyncio.timeout(timeout), asked as response:
                return Reply(status=response.status, headers=_headers(response), body=await _body(response))

    @asynccontextmanager
    async def stream(
        self, url: str, *, headers: Mapping[str, str], body: bytes, timeout: float, silence: float
    ) -> AsyncIterator[StreamedReply]:
        """The reply as it comes; ``TimeoutError`` after ``timeout`` in all and after ``silence`` between chunks."""
        deadline, asked = asyncio.get_running_loop().time() + timeout, self._asked(url, headers, body)
        async with AsyncExitStack() as stack:
            with _plain_errors(timeout):
                async with asyncio.timeout_at(deadline):
                    response = await stack.enter_async_context(asked)
            chunks = _chunks(response, deadline, silence)
            yield StreamedReply(status=response.status, headers=_headers(response), chunks=chunks)

    def _asked(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        if any(forbidden in name + value for name, value in headers.items() for forbidden in "\r\n\0"):
            raise ConnectionError("a header holds a line break")
        refuse_others(url, self._host)
        if self._session is None:
            self._session = _session(self._connect, self._peer)
        return self._session.post(url, headers=headers, data=body, allow_redirects=False)

    def pinned(self, host: str, peer: str) -> "AiohttpTransport":
        """The same for requests to ``host``, which connect to ``peer``; with a session of its own."""
        return self._pins.of(host, peer)

    async def close(self) -> None:
        """Close the kept connections; a later ``post`` opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        for transport in self._within.values():
            await transport.close()
        await self._pins.close()


class _Pin(AbstractResolver):
    """Says one IP address, whatever the name."""

    def __init__(self, peer: str) -> None:
        self._peer = peer

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The address; one of another family than asked for is not withheld: there is no other."""
        del family
        kind = socket.AF_INET6 if ":" in self._peer else socket.AF_INET
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [ResolveResult(hostname=host, host=self._peer, port=port, family=kind, proto=0, flags=flags)]

    async def close(self) -> None:
        """Nothing is held."""


def _session(connect: float | None, peer: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30, resolver=_Pin(peer), use_dns_cache=False),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=connect),
        headers={"User-Agent": "leitstand"},
        trust_env=False,
    )


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    """Lower-case names; of a name that comes twice the last value."""
    return {name.lower(): value for name, value in response.headers.items()}


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The whole body, counted after decompression while it comes in."""
    chunks, size = [], 0
    while not response.content.at_eof():
        chunks.append(await response.content.readany())
        size += len(chunks[-1])
        if size > MOST_REPLY_BYTES:
            raise ConnectionError(f"the reply is larger than {MOST_REPLY_BYTES} bytes")
    return b"".join(chunks)


async def _chunks(response: aiohttp.ClientResponse, deadline: float, silence: float) -> AsyncIterator[bytes]:
    """The body piece by piece after decompression."""
    size = 0
    with _plain_errors(silence), Patience(silence, deadline) as patience:
        while chunk := await patience.wait(response.content.readany()):
            size += len(chunk)
            if size > MOST_REPLY_BYTES:
                raise ConnectionError(f"the reply is larger than {MOST_REPLY_BYTES} bytes")
            yield chunk


@contextmanager
def _plain_errors(seconds: float) -> Iterator[None]:
    """Tell the client's errors as the port promises."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError:
        raise ConnectionRefusedError("no connection in time") from None
    except TimeoutError:
        raise TimeoutError(f"no complete reply within {seconds:g} s") from None
    except ValueError:
        raise ConnectionRefusedError("the address cannot be used") from None
    except aiohttp.ClientConnectorError as error:
        raise ConnectionRefusedError(_reason(error)) from None
    except (aiohttp.ClientError, OSError) as error:
        raise ConnectionError(_reason(error)) from None


def _reason(error: Exception) -> str:
    """What went wrong, without the address: it may hold what nobody should read."""
    if type(error) is ConnectionError:
        return str(error)
    inner = getattr(error, "os_error", None) or error
    if isinstance(inner, OSError) and inner.strerror and not isinstance(inner, aiohttp.ClientError):
        return inner.strerror
    return type(error).__name__
