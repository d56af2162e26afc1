"""How does a test get a real HTTP server that answers by script and remembers what it was asked?

    with FaultServer(faults.error(429), faults.good('{"answer": "yes"}')) as server:
        ...  # POST server.url + "/v1/chat/completions": the first call is turned away, all others are answered
        server.requests[0].headers["authorization"]

It runs on an event loop and a thread of its own, so that a blocked caller never blocks its server.
"""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from leitstand.testing.faults import Behaviour
from leitstand.testing.wire import Received, read_request

LOOK_SECONDS = 0.01


class FaultServer:
    """A server on a free loopback port; the behaviours are used one per request, the last one for all that follow.

    ``choose`` picks the behaviour by the request instead.
    """

    def __init__(self, *script: Behaviour, choose: Callable[[Received], Behaviour] | None = None) -> None:
        self._choose = choose or (lambda request: script[min(request.number, len(script)) - 1])
        self._requests: list[Received] = []
        self._connections = 0
        self._running: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="fault-server", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self.port = 0

    @property
    def url(self) -> str:
        """The server's address without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> tuple[Received, ...]:
        """Everything asked so far, in the order of arrival."""
        return tuple(self._requests)

    async def asked(self, count: int, seconds: float) -> None:
        """Return once it was asked so often; raises ``TimeoutError`` when it is not within so many seconds."""
        async with asyncio.timeout(seconds):
            while len(self._requests) < count:  # noqa: ASYNC110  its loop is not the caller's
                await asyncio.sleep(LOOK_SECONDS)

    @property
    def connections(self) -> int:
        """How many connections were opened so far."""
        return self._connections

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the fault server did not start within 10 s")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=2**20)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        await asyncio.sleep(0.01)  # who is being accepted right now comes in, and leaves with the others
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await asyncio.sleep(0.01)  # the loop drops aborted connections on its next turns

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        task = asyncio.create_task(self._answer(reader, writer, self._connections))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        try:
            while not writer.is_closing():
                request = await read_request(reader, number=len(self._requests) + 1, connection=connection)
                if request is None:
                    break
                self._requests.append(request)
                await self._choose(request)(writer, request)
        except (ConnectionError, ValueError):
            pass  # the client went away, or never spoke HTTP: nothing to answer
        except asyncio.CancelledError:
            writer.transport.abort()
            raise
        finally:
            writer.close()
