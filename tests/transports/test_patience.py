"""Does patience end exactly the waits that last too long?"""

import asyncio

import pytest

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
