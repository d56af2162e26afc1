"""Does a worker that was stopped take up nothing new?"""

import asyncio

from tests.runtime.conftest import GOOD, Bench, Script

from leitstand.runtime.worker import Worker


async def test_a_stop_starts_none_of_the_cases_that_wait_their_turn(bench: Bench) -> None:
    began = asyncio.Event()

    async def hanging() -> str:
        began.set()
        await asyncio.sleep(3600)
        return GOOD

    bench.scripts = [Script(replies=[hanging])]
    await bench.activate()
    bench.worker = Worker(bench.parts, most=1)
    first = asyncio.create_task(bench.ask())
    await began.wait()
    await bench.ask("Und das?")
    await bench.worker.stop()
    await first
    await asyncio.sleep(0)
    assert bench.worker.running == 0
