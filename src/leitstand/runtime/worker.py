"""Who runs the cases of this process, and who picks up those that nobody runs?"""

import asyncio
import logging
from collections.abc import Mapping

from leitstand.domain.case import Case, fold
from leitstand.domain.errors import LeaseLost, OperatorError
from leitstand.domain.workflow import Step
from leitstand.ports import Data
from leitstand.runtime.check import check
from leitstand.runtime.decide import decide
from leitstand.runtime.deliver import deliver
from leitstand.runtime.draft import draft
from leitstand.runtime.parts import Parts
from leitstand.runtime.prepare import normalise_case
from leitstand.runtime.retrieve import retrieve
from leitstand.runtime.run_case import Steps, run_case

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
"""Between two looks for cases that are due and that nobody runs."""


class Worker:
    """Runs cases as tasks of this process, at most ``most`` at once; what is above that waits its turn.

    A case that this machine cannot take further (a full disk, a release that cannot be put together) is stranded: the
    next sweep reads its journal again and goes on.
    """

    def __init__(self, parts: Parts, *, most: int = 256, steps: Steps = STEPS) -> None:
        self._parts = parts
        self._most = most
        self._steps = steps
        self._running: dict[str, asyncio.Task[None]] = {}
        self._later: dict[str, Case] = {}
        self._stranded: dict[str, Case] = {}
        self._sweeping: asyncio.Task[None] | None = None

    @property
    def running(self) -> int:
        """Cases under way in this process."""
        return len(self._running)

    def start(self, case: Case, memory: Mapping[str, object] | None = None) -> None:
        """Go on with a case as soon as there is room; ``memory`` holds contents that the caller has at hand."""
        if case.case_id in self._running:
            return
        if len(self._running) >= self._most:
            self._later[case.case_id] = case
            return
        task = asyncio.create_task(self._run(case, dict(memory or {})))
        self._running[case.case_id] = task
        task.add_done_callback(lambda _: self._finished(case.case_id))

    def _finished(self, case_id: str) -> None:
        del self._running[case_id]
        if self._later:
            self.start(self._later.pop(next(iter(self._later))))

    async def wait(self, case_id: str, seconds: float) -> None:
        """Return when the case has ended or waits for a person, or when the time is over."""
        if task := self._running.get(case_id):
            await asyncio.wait({task}, timeout=seconds)

    async def sweep(self) -> None:
        """Take up what is stranded, and take over what is due and nobody runs."""
        for case in tuple(self._stranded.values()):
            journal = await self._parts.cases.events(case.tenant_id, case.case_id)
            del self._stranded[case.case_id]
            self.start(fold(journal)._replace(epoch=case.epoch))
        free = self._most - len(self._running)
        if free > 0:
            for case in await self._parts.cases.claim(limit=free, skip=(*self._running, *self._later)):
                self.start(case)

    def begin_sweeping(self) -> None:
        """Sweep now and then each second, refreshing the pointers to the active releases as well."""
        self._sweeping = asyncio.create_task(self._sweep_for_ever())

    async def stop(self) -> None:
        """Take up nothing new and let go of what runs: its journal says where to go on."""
        self._later.clear()
        tasks = [*self._running.values(), *([self._sweeping] if self._sweeping else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                await self.sweep()
                await self._parts.installations.refresh()
            except Exception:  # noqa: BLE001  the sweep must live
                _log.exception("the sweep failed and is tried again")
            await asyncio.sleep(SWEEP_SECONDS)

    async def _run(self, case: Case, memory: Data) -> None:
        try:
            await run_case(self._parts, self._steps, case, memory)
        except LeaseLost:
            _log.info("case %s is continued elsewhere", case.case_id)
        except OperatorError as error:
            _log.error("case %s is stranded until this is mended: %s", case.case_id, error)
            self._stranded[case.case_id] = case
