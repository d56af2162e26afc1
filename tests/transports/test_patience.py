"""Does patience end exactly the waits that last too long?"""

import asyncio
import socket
import time
from collections.abc import Callable

import pytest
import uvloop

from leitstand.transports.patience import Patience


async def after(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "here"


async def test_waits_in_time_are_left_alone_however_many():
    with Patience(0.2) as patience:
        for _ in range(5):
            assert await patience.wait(after(0.08)) == "here"


async def test_a_wait_that_lasts_too_long_is_ended():
    with Patience(0.05) as patience, pytest.raises(TimeoutError):
        await patience.wait(asyncio.Event().wait())
    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]


async def test_the_readers_own_time_does_not_count():
    with Patience(0.1) as patience:
        for _ in range(3):
            assert await patience.wait(after(0.01)) == "here"
            await asyncio.sleep(0.15)


async def test_the_deadline_ends_a_wait_as_well():
    soon = asyncio.get_running_loop().time() + 0.05
    with Patience(10, soon) as patience, pytest.raises(TimeoutError):
        await patience.wait(asyncio.Event().wait())


async def test_somebody_elses_cancellation_goes_through():
    async def waiting() -> None:
        with Patience(10) as patience:
            await patience.wait(asyncio.Event().wait())

    task = asyncio.create_task(waiting())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_what_came_while_the_process_was_held_up_is_heard(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    here, there = socket.socketpair()

    def hold_up() -> None:
        there.send(b"in time")
        time.sleep(0.3)

    async def waiting() -> bytes:
        reader, writer = await asyncio.open_connection(sock=here)
        asyncio.get_running_loop().call_later(0.02, hold_up)
        try:
            with Patience(0.1) as patience:
                return await patience.wait(reader.read(99))
        finally:
            writer.close()
            await writer.wait_closed()

    with there, asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(waiting()) == b"in time"


async def test_a_process_that_was_held_up_waits_only_a_moment_longer():
    loop = asyncio.get_running_loop()
    loop.call_later(0.02, time.sleep, 0.3)
    began = loop.time()
    with Patience(0.1) as patience, pytest.raises(TimeoutError):
        await patience.wait(asyncio.Event().wait())
    assert loop.time() - began < 5
