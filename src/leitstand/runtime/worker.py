"""Who runs the cases of this process, and who picks up those that nobody runs?"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

from leitstand.domain.case import MOST_CRASHES, Case, Priority, Status, fold
from leitstand.domain.errors import LeaseLost, OperatorError
from leitstand.domain.workflow import Step
from leitstand.ports import Data, Vacancy
from leitstand.runtime.check import check
from leitstand.runtime.decide import decide
from leitstand.runtime.deliver import deliver
from leitstand.runtime.draft import draft
from leitstand.runtime.halt import halt
from leitstand.runtime.parts import Parts
from leitstand.runtime.prepare import normalise_case
from leitstand.runtime.queue import Queue
from leitstand.runtime.record import Journal
from leitstand.runtime.retrieve import retrieve
from leitstand.runtime.run_case import Run, Steps, quarantine, run_case
from leitstand.runtime.stops import LOOK_SECONDS, Halted

_log = logging.getLogger(__name__)

STEPS: Steps = {
    Step.NORMALISE: normalise_case,
    Step.RETRIEVE: retrieve,
    Step.DRAFT: draft,
    Step.CHECK: check,
    Step.DECIDE: decide,
    Step.DELIVER: deliver,
}

SWEEP_SECONDS = 1.0
"""Between two looks for cases that are due and that nobody runs, when nothing calls for one earlier."""

BACKFILL_SHARE = 0.75
"""A backfill takes at most this share of the room, so that somebody who waits finds some."""

MOST_CLAIMED = 100
"""Cases taken over at once: their journals are read in one transaction."""

Place = tuple[str, str]
"""Tenant and workflow."""


class Worker:
    """Runs cases as tasks of this process, at most ``most`` at once, and of a workflow as many as it allows itself.

    A case for which there is no room here is stored without an owner, and is taken up by whoever has room first. A
    case that this machine cannot take further (a full disk, a release that cannot be put together) is stranded: the
    next sweep reads its journal again and goes on. ``most=0`` makes a process that accepts and never works.
    """

    def __init__(self, parts: Parts, *, most: int = 256, most_waiting: int = 10_000, steps: Steps = STEPS) -> None:
        self.queue = Queue(parts.cases, most_waiting)
        self._parts = parts
        self._most = most
        self._steps = steps
        self._running: dict[str, asyncio.Task[Run | None]] = {}
        self._begun: dict[str, Case] = {}
        self._halting: set[str] = set()
        self._workflows: Counter[Place] = Counter()
        self._promised = 0
        self._backfill = 0
        self._suspects: set[str] = set()
        self._stranded: dict[str, Case] = {}
        self._afterwards: dict[str, Case] = {}
        self._behind: Priority | None = None
        self._looking: list[asyncio.Task[None]] = []
        self.draining = False
        self.looked: float | None = None

    @property
    def running(self) -> int:
        """Cases under way in this process."""
        return len(self._running)

    @contextmanager
    def room_for(self, case: Case) -> Iterator[bool]:
        """Whether this process may start the case at once; the room is kept free for it until it is stored."""
        promised = self._has_room(case)
        self._promised += promised
        self._workflows[case.tenant_id, case.workflow] += promised
        try:
            yield promised
        finally:
            self._promised -= promised
            self._workflows[case.tenant_id, case.workflow] -= promised

    def _has_room(self, case: Case) -> bool:
        """Whether it may start without overtaking others that wait; a backfill comes to its turn by the sweep alone."""
        fills_in = case.priority is Priority.BACKFILL and case.status is Status.OPEN
        overtakes = self._behind is not None and case.priority >= self._behind
        if fills_in or overtakes or self.draining or self._room() <= 0 or self._parts.stops.on(case):
            return False
        return not self._is_full((case.tenant_id, case.workflow))

    def start(self, case: Case, memory: Mapping[str, object] | None = None, *, crashes: int = 0) -> None:
        """Go on with a case that this process holds; ``memory`` holds contents that the caller has at hand."""
        if case.case_id in self._running:
            # A decision can arrive before the run that asked for it is quite over: its case goes on after that.
            self._afterwards[case.case_id] = case
            return
        task = asyncio.create_task(self._run(case, dict(memory or {}), crashes))
        self._running[case.case_id] = task
        self._begun[case.case_id] = case
        self._workflows[case.tenant_id, case.workflow] += 1
        self._backfill += case.priority is Priority.BACKFILL
        task.add_done_callback(lambda ended: self._end(case, cancelled=ended.cancelled()))

    def _end(self, case: Case, *, cancelled: bool) -> None:
        """Make room. One that was cancelled without coming to rest goes on.

        A stop came before it had begun, or the restart before it had ended.
        """
        del self._running[case.case_id], self._begun[case.case_id]
        self._halting.discard(case.case_id)
        self._clear(case.case_id)
        self._workflows[case.tenant_id, case.workflow] -= 1
        self._backfill -= case.priority is Priority.BACKFILL
        following = self._afterwards.pop(case.case_id, None)
        if following and not self.draining:
            self.start(following)
        elif cancelled and not self.draining:
            self._stranded[case.case_id] = case
            self._parts.news.cases.set()
        if self._behind is not None and self._room() >= min(MOST_CLAIMED, self._most // 4):
            self._parts.news.cases.set()

    def _clear(self, case_id: str) -> None:
        """Nothing is held against a case that has come a step further: the next suspect may have its turn."""
        if case_id in self._suspects:
            self._suspects.discard(case_id)
            self._parts.news.cases.set()

    async def wait(self, case_id: str, seconds: float) -> Run | None:
        """The run of a case when it came to its end here; None when it does not run here, or not to its end in time."""
        task = self._running.get(case_id)
        if task is None:
            return None
        await asyncio.wait({task}, timeout=seconds)
        came_to_an_end = task.done() and not task.cancelled() and task.exception() is None
        return task.result() if came_to_an_end else None

    async def sweep(self) -> None:
        """Take up what is stranded, and take over what is due and nobody runs."""
        for case in tuple(self._stranded.values()):
            journal = await self._parts.cases.events(case.tenant_id, case.case_id)
            del self._stranded[case.case_id]
            self.start(fold(journal)._replace(epoch=case.epoch))
        if not self._suspects:
            await self._take(Vacancy(limit=1, suspects=True))
        behind = None if await self._take(Vacancy(limit=MOST_CLAIMED)) else Priority.INTERACTIVE
        share = min(MOST_CLAIMED, int(self._most * BACKFILL_SHARE) - self._backfill)
        if not await self._take(Vacancy(limit=share, priority=Priority.BACKFILL)) and behind is None:
            behind = Priority.BACKFILL
        self._behind = behind

    async def _take(self, vacancy: Vacancy) -> bool:
        """Claim and start what there is room for; False when more may be waiting."""
        limit = min(vacancy.limit, self._room())
        if limit <= 0 or self.draining:
            return False
        places = {*self._workflows, *self._parts.installations.places}
        full = tuple(place for place in places if self._is_full(place) or self._parts.stops.on_workflow(*place))
        claimed = await self._parts.cases.claim(replace(vacancy, limit=limit, skip=tuple(self._running), full=full))
        for case, crashes in claimed:
            if vacancy.suspects:
                self._suspects.add(case.case_id)
            self.start(case, crashes=crashes)
        return len(claimed) < limit

    def _room(self) -> int:
        return self._most - len(self._running) - self._promised

    def _is_full(self, place: Place) -> bool:
        most = self._parts.installations.most_running(*place)
        return bool(most) and self._workflows[place] >= most

    def begin(self) -> None:
        """From now on look for cases and for moved pointers: when there is news of them, and each second."""
        news = self._parts.news
        self._looking = [
            asyncio.create_task(again_and_again(self._heed, news.stops, LOOK_SECONDS)),
            asyncio.create_task(again_and_again(self._look, news.cases)),
            asyncio.create_task(again_and_again(self._parts.installations.refresh, news.releases)),
            *(
                asyncio.create_task(again_and_again(look, asyncio.Event()))
                for look in (self.queue.look, *self._parts.looks)
            ),
        ]

    async def _heed(self) -> None:
        """End the runs of what is stopped, each once: it then writes how it came to rest, which nothing may disturb."""
        await self._parts.stops.refresh()
        for case_id, case in self._begun.items():
            if case_id not in self._halting and self._parts.stops.on(case):
                self._halting.add(case_id)
                self._running[case_id].cancel()

    async def _look(self) -> None:
        """Sweep; ``looked`` is when that last came to an end, well or not: a worker that hangs is seen by it."""
        try:
            await self.sweep()
        finally:
            self.looked = time.monotonic()

    async def drain(self, seconds: float) -> None:
        """Take up nothing new and let what runs come to an end, for so long at most."""
        self.draining = True
        if self._running:
            await asyncio.wait(self._running.values(), timeout=seconds)

    async def stop(self) -> None:
        """Let go of what runs: its journal says where to go on."""
        self.draining = True
        tasks = [*self._running.values(), *self._looking]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, case: Case, memory: Data, crashes: int) -> Run | None:
        run = None
        try:
            run = await self._run_or_rest(case, memory, crashes)
        except LeaseLost:
            _log.info("case %s is continued elsewhere", case.case_id)
        except OperatorError as error:
            _log.error("case %s is stranded until this is mended: %s", case.case_id, error)
            self._stranded[case.case_id] = case
        finally:
            self._parts.listeners.let_go(case.case_id, run.case if run else None, memory)
        return run

    async def _run_or_rest(self, case: Case, memory: Data, crashes: int) -> Run | None:
        """The run of a case; None when a stop came in between and it was handed back."""
        try:
            self._parts.stops.heed(case)
            if crashes < MOST_CRASHES:
                journal = Journal(self._parts, case, saved=self._clear if case.case_id in self._suspects else None)
                return await run_case(self._parts, self._steps, journal, memory)
            await quarantine(self._parts, case, crashes)
        except (asyncio.CancelledError, Halted):
            self._halting.add(case.case_id)
            held_by = self._parts.stops.on(case)
            if held_by is None:
                raise asyncio.CancelledError from None
            await halt(self._parts, case, held_by)
        return None


async def again_and_again(
    look: Callable[[], Awaitable[None]], news: asyncio.Event, seconds: float = SWEEP_SECONDS
) -> None:
    """Look now, and then when there is news or so much time is over; a look that fails is tried again."""
    while True:
        try:
            await look()
        except Exception:  # noqa: BLE001  the next look must come
            _log.exception("a look failed and is tried again")
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await news.wait()
        news.clear()
