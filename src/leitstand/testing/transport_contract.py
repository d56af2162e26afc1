"""Does a ``Transport`` keep its promises when the other side does not? Inherit this and supply one fixture.

class TestMine(TransportContract):
    @pytest_asyncio.fixture
    async def transport(self):
        mine = MyTransport()
        yield mine
        await mine.close()
"""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator

from leitstand.http_reply import MOST_REPLY_BYTES, Reply
from leitstand.ports import Transport
from leitstand.testing import faults
from leitstand.testing.expectations import raised
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.wire import Received

SECRET = "sk-never-show-this"  # noqa: S105 -- a made-up key that must not turn up in any message


async def _post(transport: Transport, url: str, body: bytes = b"{}", timeout: float = 10) -> Reply:
    return await transport.post(url, headers={"authorization": f"Bearer {SECRET}"}, body=body, timeout=timeout)


async def _stream(
    transport: Transport, url: str, *, timeout: float = 10, silence: float = 5
) -> tuple[int, list[tuple[float, bytes]]]:
    """Status and chunks, each with the seconds after which it came."""
    began = time.monotonic()
    secret = {"authorization": f"Bearer {SECRET}"}
    async with transport.stream(url, headers=secret, body=b"{}", timeout=timeout, silence=silence) as reply:
        chunks = [(time.monotonic() - began, chunk) async for chunk in reply.chunks]
    return reply.status, chunks


@contextlib.asynccontextmanager
async def unconnectable() -> AsyncIterator[str]:
    """An address whose queue of connections is full: the kernel answers no further one, and nobody ever takes one."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening, contextlib.ExitStack() as stack:
        host, port = listening.getsockname()
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((host, port))
        await asyncio.sleep(0.05)
        yield f"http://{host}:{port}"


class TransportContract:
    """What holds for every transport, each over a real socket."""

    async def test_request_and_reply_arrive_byte_for_byte(self, transport: Transport) -> None:
        body = bytes(range(256)) * 300
        with FaultServer(faults.reply(418, body, {"X-Answer": "yes"})) as server:
            reply = await transport.post(server.url + "/a/b?c=d", headers={"x-ask": "1"}, body=body, timeout=10)
            asked = server.requests[0]
        assert (reply.status, reply.body, reply.headers["x-answer"]) == (418, body, "yes")
        assert (asked.method, asked.path, asked.body, asked.headers["x-ask"]) == ("POST", "/a/b?c=d", body, "1")

    async def test_a_connection_is_used_again(self, transport: Transport) -> None:
        with FaultServer(faults.good("hello")) as server:
            for _ in range(20):
                await _post(transport, server.url)
            assert (len(server.requests), server.connections) == (20, 1)

    async def test_a_connection_is_waited_for_so_long_and_no_longer(self, transport: Transport) -> None:
        patient = transport.connecting_within(0.3)
        assert patient is transport.connecting_within(0.3)
        with FaultServer(faults.late(0.6, faults.good("hello"))) as server:
            assert (await _post(patient, server.url)).status == 200  # a slow answer is no slow connection
        async with unconnectable() as url:
            message = str(await raised(ConnectionError, _post(patient, url, timeout=20)))
            assert SECRET not in message
            assert url not in message

    async def test_parallel_requests_get_their_own_replies(self, transport: Transport) -> None:
        with FaultServer(choose=lambda request: faults.reply(200, request.body)) as server:
            bodies = [b"%d" % number for number in range(64)]
            replies = await asyncio.gather(*(_post(transport, server.url, body) for body in bodies))
        assert [reply.body for reply in replies] == bodies

    async def test_a_closed_idle_connection_is_replaced(self, transport: Transport) -> None:
        with FaultServer(faults.wrong_length("x", off_by=0), faults.good("x")) as server:
            await _post(transport, server.url)
            await asyncio.sleep(0.1)
            assert (await _post(transport, server.url)).status == 200

    async def test_silence_ends_with_the_timeout(self, transport: Transport) -> None:
        with FaultServer(faults.never()) as server:
            began = time.monotonic()
            error = await raised(TimeoutError, _post(transport, server.url, timeout=0.4))
            assert 0.3 < time.monotonic() - began < 3
        assert server.url not in str(error)

    async def test_dripping_does_not_outlast_the_timeout(self, transport: Transport) -> None:
        with FaultServer(faults.drip("slow " * 50, seconds=20)) as server:
            began = time.monotonic()
            await raised(TimeoutError, _post(transport, server.url, timeout=0.6))
            assert time.monotonic() - began < 3

    async def test_a_slow_reply_within_the_timeout_is_whole(self, transport: Transport) -> None:
        with FaultServer(faults.drip("slow", seconds=0.3)) as server:
            assert (await _post(transport, server.url)).body == faults.completion("slow")

    async def test_broken_replies_are_connection_errors(self, transport: Transport) -> None:
        broken = (
            faults.nothing(),
            faults.garbage(),
            faults.reset(),
            faults.half("long " * 100),
            faults.wrong_length("short", off_by=10),
        )
        for behaviour in broken:
            with FaultServer(behaviour) as server:
                error = await raised(ConnectionError, _post(transport, server.url))
            assert SECRET not in str(error)

    async def test_a_reply_longer_than_announced_is_never_taken_as_whole(self, transport: Transport) -> None:
        body = faults.completion("long " * 10)
        with FaultServer(faults.wrong_length("long " * 10, off_by=-10)) as server, contextlib.suppress(ConnectionError):
            assert (await _post(transport, server.url)).body == body[:-10]

    async def test_the_largest_reply_passes_and_one_byte_more_does_not(self, transport: Transport) -> None:
        with FaultServer(
            faults.reply(200, bytes(MOST_REPLY_BYTES)), faults.reply(200, bytes(MOST_REPLY_BYTES + 1))
        ) as server:
            assert len((await _post(transport, server.url)).body) == MOST_REPLY_BYTES
            await raised(ConnectionError, _post(transport, server.url))

    async def test_endless_and_exploding_bodies_are_cut_while_they_come(self, transport: Transport) -> None:
        for behaviour in (faults.endless(), faults.bomb()):
            with FaultServer(behaviour) as server:
                error = await raised(ConnectionError, _post(transport, server.url, timeout=20))
            assert str(MOST_REPLY_BYTES) in str(error)

    async def test_redirects_are_replies(self, transport: Transport) -> None:
        with FaultServer(faults.good("elsewhere")) as elsewhere, FaultServer(faults.redirect(elsewhere.url)) as server:
            assert (await _post(transport, server.url)).status == 307
            assert not elsewhere.requests

    async def test_nobody_there_is_a_connection_error_without_the_address(self, transport: Transport) -> None:
        for address in (f"http://user:{SECRET}@127.0.0.1:1/", "http://name.invalid/", "ftp://127.0.0.1/", "nonsense"):
            assert SECRET not in str(await raised(ConnectionError, _post(transport, address)))

    async def test_only_where_nothing_left_is_there_no_connection(self, transport: Transport) -> None:
        await raised(ConnectionRefusedError, _post(transport, "http://127.0.0.1:1/"))
        for behaviour in (faults.reset(), faults.nothing(), faults.garbage()):
            with FaultServer(behaviour) as server:
                error = await raised(ConnectionError, _post(transport, server.url))
            assert not isinstance(error, ConnectionRefusedError)

    async def test_a_header_cannot_smuggle_another(self, transport: Transport) -> None:
        with FaultServer(faults.good("x")) as server:
            smuggled = {"x-key": f"1\r\nx-more: {SECRET}"}
            call = transport.post(server.url, headers=smuggled, body=b"{}", timeout=5)
            assert SECRET not in str(await raised(ConnectionError, call))
            assert not server.requests

    async def test_a_cancelled_request_harms_nobody(self, transport: Transport) -> None:
        with FaultServer(faults.never(), faults.good("next")) as server:
            call = asyncio.ensure_future(_post(transport, server.url))
            await server.asked(1, 10)
            call.cancel()
            await raised(asyncio.CancelledError, call)
            assert (await _post(transport, server.url)).status == 200

    async def test_a_cancelled_request_leaves_the_wire_before_its_head_is_there(self, transport: Transport) -> None:
        gone = threading.Event()

        async def beginning(writer: asyncio.StreamWriter, _: Received) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nx-long: ")
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.02)
            gone.set()

        with FaultServer(beginning) as server:
            call = asyncio.ensure_future(_post(transport, server.url))
            await server.asked(1, 10)
            assert not gone.is_set()
            call.cancel()
            await raised(asyncio.CancelledError, call)
            assert await asyncio.to_thread(gone.wait, 5)

    async def test_it_may_be_closed_twice_and_used_again(self, transport: Transport) -> None:
        with FaultServer(faults.good("x")) as server:
            await transport.close()
            assert (await _post(transport, server.url)).status == 200
            await transport.close()
            await transport.close()

    async def test_a_stream_arrives_while_it_is_sent_and_whole(self, transport: Transport) -> None:
        with FaultServer(faults.streamed("one", "two", "three", seconds=0.3)) as server:
            status, chunks = await _stream(transport, server.url)
        whole = b"".join(chunk for _, chunk in chunks)
        assert status == 200
        assert whole.startswith(faults.chunk("one") + faults.chunk("two")) and whole.endswith(b"data: [DONE]\n\n")
        assert chunks[-1][0] - chunks[0][0] > 0.5

    async def test_any_reply_can_be_streamed(self, transport: Transport) -> None:
        with FaultServer(faults.reply(418, bytes(range(256)) * 3000)) as server:
            status, chunks = await _stream(transport, server.url)
        assert (status, b"".join(chunk for _, chunk in chunks)) == (418, bytes(range(256)) * 3000)

    async def test_a_stream_that_was_read_leaves_its_connection_usable(self, transport: Transport) -> None:
        with FaultServer(faults.streamed("x")) as server:
            for _ in range(10):
                await _stream(transport, server.url)
            assert (len(server.requests), server.connections) == (10, 1)

    async def test_a_stream_that_is_given_up_harms_no_later_one(self, transport: Transport) -> None:
        with FaultServer(faults.endless(), faults.streamed("x")) as server:
            async with transport.stream(server.url, headers={}, body=b"{}", timeout=5, silence=5) as reply:
                await anext(reply.chunks)
            assert (await _stream(transport, server.url))[0] == 200

    async def test_silence_inside_a_stream_is_a_timeout(self, transport: Transport) -> None:
        with FaultServer(faults.events(faults.chunk("x"), then="silent")) as server:
            began = time.monotonic()
            await raised(TimeoutError, _stream(transport, server.url, silence=0.4))
            assert 0.3 < time.monotonic() - began < 3

    async def test_the_readers_own_time_is_no_silence(self, transport: Transport) -> None:
        with FaultServer(faults.streamed("one", "two", "three", seconds=0.05)) as server:
            async with transport.stream(server.url, headers={}, body=b"{}", timeout=10, silence=0.4) as reply:
                async for _ in reply.chunks:
                    await asyncio.sleep(0.5)

    async def test_a_stream_does_not_outlast_the_timeout_in_all(self, transport: Transport) -> None:
        with FaultServer(faults.streamed(*"many pieces", seconds=0.3)) as server:
            began = time.monotonic()
            await raised(TimeoutError, _stream(transport, server.url, timeout=0.8))
            assert time.monotonic() - began < 3

    async def test_no_head_within_the_timeout_is_a_timeout(self, transport: Transport) -> None:
        with FaultServer(faults.never()) as server:
            await raised(TimeoutError, _stream(transport, server.url, timeout=0.4))

    async def test_a_stream_that_breaks_is_a_connection_error(self, transport: Transport) -> None:
        for behaviour in (faults.events(faults.chunk("x"), then="reset"), faults.half("long " * 100), faults.garbage()):
            with FaultServer(behaviour) as server:
                error = await raised(ConnectionError, _stream(transport, server.url))
            assert SECRET not in str(error)

    async def test_an_endless_stream_is_cut_while_it_comes(self, transport: Transport) -> None:
        for behaviour in (faults.endless(), faults.bomb()):
            with FaultServer(behaviour) as server:
                error = await raised(ConnectionError, _stream(transport, server.url, timeout=20))
            assert str(MOST_REPLY_BYTES) in str(error)

    async def test_what_the_reader_raises_is_not_taken_for_a_broken_reply(self, transport: Transport) -> None:
        async def read() -> None:
            async with transport.stream(server.url, headers={}, body=b"{}", timeout=5, silence=5):
                raise ValueError("mine")

        with FaultServer(faults.streamed("x")) as server:
            assert str(await raised(ValueError, read())) == "mine"

    async def test_nobody_there_to_stream_from(self, transport: Transport) -> None:
        for address in (f"http://user:{SECRET}@127.0.0.1:1/", "nonsense"):
            assert SECRET not in str(await raised(ConnectionError, _stream(transport, address)))
