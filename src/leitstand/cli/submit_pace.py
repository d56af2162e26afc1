"""How fast may rows come: at their own rate, and no further ahead of the workers than was said?"""

import asyncio
import math
import time

from leitstand.cli.submit_order import Order
from leitstand.cli.submit_progress import Progress
from leitstand.cli.submit_ways import Way
from leitstand.domain.case import RUNNABLE

LOOK_SECONDS = 0.25
"""Between two looks at how many cases wait. Counting costs what waits, not what the job is."""

LAST_LOOK_SECONDS = 1.0


class Pace:
    """Holds rows back until they may come; ``batch`` is how many of them may come together."""

    def __init__(self, way: Way, order: Order, progress: Progress) -> None:
        self._way = way
        self._order = order
        self._progress = progress
        self._began = time.monotonic()
        self._sent = 0
        self._ahead = 0
        most = min(way.at_once, max(order.max_queued // 2, 1))
        self.batch = min(most, max(math.ceil((order.rate or most * 4) / 4), 1))

    async def wait(self, coming: int) -> None:
        """Return when so many rows may be sent."""
        if self._order.rate:
            early = self._began + self._sent / self._order.rate - time.monotonic()
            await asyncio.sleep(max(early, 0))
        self._sent += coming
        self._ahead += coming
        # where nobody works, nobody would ever make room
        while self._way.worked and self._ahead > self._order.max_queued:
            began = time.monotonic()
            waiting = await unfinished(self._way, self._order.job)
            self._ahead = waiting + coming
            self._progress.waiting(waiting)
            if self._ahead > self._order.max_queued:
                await asyncio.sleep(max(LOOK_SECONDS, 20 * (time.monotonic() - began)))


async def at_rest(way: Way, job: str, progress: Progress) -> None:
    """Return when every case of the job has ended or waits for a person."""
    while waiting := await unfinished(way, job):
        progress.waiting(waiting, last=True)
        await asyncio.sleep(LAST_LOOK_SECONDS)
    progress.waiting(0, last=True)


async def unfinished(way: Way, job: str) -> int:
    """How many cases of the job a worker still has to do something with."""
    return sum((await way.count(job, RUNNABLE)).values())
