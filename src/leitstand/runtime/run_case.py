"""How does one case get from acceptance to its end, or to a person?"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from leitstand.domain.case import MOST_INTERRUPTIONS, Case, next_step
from leitstand.domain.errors import LeaseLost, StoreUnusable
from leitstand.domain.event import CaseFailed, CaseInterrupted, CaseQuarantined
from leitstand.domain.workflow import Step
from leitstand.encoding import plain
from leitstand.logs import speak_of
from leitstand.ports import Data
from leitstand.runtime.ids import new_id
from leitstand.runtime.parts import Installed, Parts
from leitstand.runtime.record import Journal
from leitstand.runtime.stops import Halted

_log = logging.getLogger(__name__)

FIRST_RETRY = 1_000_000
"""Pause after the first interruption in microseconds; four times as long after each further one."""


CALLER = "caller"
"""Where the memory of a run keeps the actor id of who handed the case in; no content is called so."""


@dataclass(kw_only=True, slots=True)
class Run:
    """One run of a case: its journal, its release, and the contents read or made so far, by name."""

    parts: Parts
    installed: Installed
    journal: Journal
    memory: Data

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.journal.case

    async def content(self, name: str) -> object:
        """A content of the case as plain data, from memory or from the store; None when there is none."""
        if name not in self.memory:
            stored = await self.parts.cases.contents(self.case.tenant_id, self.case.case_id, (name,))
            self.memory[name] = plain(stored[name]) if name in stored else None
        return self.memory[name]

    async def caller(self) -> str:
        """The actor id of who handed the case in."""
        if CALLER not in self.memory:
            journal = await self.parts.cases.events(self.case.tenant_id, self.case.case_id)
            self.memory[CALLER] = journal[0].actor.id
        return str(self.memory[CALLER])

    def keep(self, **contents: object) -> Data:
        """Remember contents for the steps to come; returned as they go into the journal."""
        self.memory.update(contents)
        return contents


Steps = Mapping[Step, Callable[[Run], Awaitable[None]]]


async def run_case(parts: Parts, steps: Steps, journal: Journal, memory: Data) -> Run:
    """Take step after step until the case of ``journal`` has ended, waits for a person, or waits for its time.

    After a crash the caller passes the case folded from what was stored: at most the step that was under way is done
    again.
    """
    case = journal.case
    speak_of(case_id=case.case_id, workflow=case.workflow)
    installed = await parts.installations.by_digest(case.tenant_id, case.release_digest)
    run = Run(parts=parts, installed=installed, journal=journal, memory=memory)
    step = next_step(case, installed.workflow)
    while step and run.case.not_before <= parts.clock():
        try:
            await steps[step](run)
        except (LeaseLost, StoreUnusable, Halted):
            raise
        except Exception as error:  # noqa: BLE001  nobody foresaw it
            _interrupt(run, step, error)
        if journal.is_watched:
            await journal.save()
        step = next_step(run.case, installed.workflow)
    await run.journal.save()
    return run


async def quarantine(parts: Parts, case: Case, crashes: int) -> None:
    """Put a case that ended its worker again and again before a person, instead of running it once more."""
    installed = await parts.installations.by_digest(case.tenant_id, case.release_digest)
    journal = Journal(parts, case)
    step = next_step(case, installed.workflow) or ""
    _log.error("case %s ended its worker %s times in step %s and is quarantined", case.case_id, crashes, step)
    due_at = parts.clock() + installed.workflow.review.due_minutes * 60_000_000
    journal.note(CaseQuarantined(step=step, crashes=crashes, due_at=due_at))
    await journal.save()


def _interrupt(run: Run, step: Step, error: Exception) -> None:
    """Note a step that broke in a way nobody foresaw: tried again later, failed after ``MOST_INTERRUPTIONS``."""
    now, count = run.parts.clock(), run.case.interruptions
    last = count + 1 >= MOST_INTERRUPTIONS
    error_id = new_id(now)
    _log.error("step %s of case %s broke, error id %s", step, run.case.case_id, error_id, exc_info=error)
    retry_at = None if last else now + FIRST_RETRY * 4**count
    run.journal.note(CaseInterrupted(step=step, error=type(error).__name__, error_id=error_id, retry_at=retry_at))
    if last:
        run.journal.note(CaseFailed(reason=f"broken_{step}"))
