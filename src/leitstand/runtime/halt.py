"""What does a stop write into the journal of a case, whoever runs it?"""

import asyncio
from collections.abc import Callable

from leitstand.domain.case import ENDED, RUNNABLE, Case
from leitstand.domain.errors import LeaseLost, Phrase, StateConflict, translatable
from leitstand.domain.event import Actor, CaseHalted, CaseStopped
from leitstand.domain.stop import Scope, Stop
from leitstand.runtime.parts import Parts
from leitstand.runtime.record import Journal

MOST_TRIES = 20
"""A journal may grow while its last event is written: so often it is read again."""

PAUSE = 0.05


async def end_case(parts: Parts, case: Case, stop: Stop) -> None:
    """Write the end of a stopped case; whoever runs it is refused the next write."""

    def note(journal: Journal) -> None:
        journal.note(CaseStopped(stop_id=stop.stop_id), {"stop_reason": stop.reason}, _actor(stop))

    await _write(parts, case, note, lambda found: found.status not in ENDED)


async def halt(parts: Parts, case: Case, stop: Stop) -> None:
    """Hand a case back whose run was just ended, to go on after the restart; one that was stopped itself ends."""
    if stop.scope is Scope.CASE:
        await end_case(parts, case, stop)
        return

    def note(journal: Journal) -> None:
        journal.note(CaseHalted(stop_id=stop.stop_id, scope=stop.scope.value), None, _actor(stop))

    await _write(parts, case, note, lambda found: found.status in RUNNABLE and found.epoch == case.epoch)


async def _write(parts: Parts, case: Case, note: Callable[[Journal], None], still: Callable[[Case], bool]) -> None:
    """Note an event at the end of the journal as it is stored, as long as it ``still`` belongs there."""
    for _ in range(MOST_TRIES):
        summary = await parts.cases.summary(case.tenant_id, case.case_id)
        if summary is None or not still(summary.case):
            return
        journal = Journal(parts, summary.case, kept=False)
        note(journal)
        try:
            await journal.save()
        except LeaseLost:
            await asyncio.sleep(PAUSE)
        else:
            return
    raise StateConflict(case_id=case.case_id, status=Phrase(translatable("moving on too fast")), action="stop")


def _actor(stop: Stop) -> Actor:
    return Actor(kind="person", id=stop.stopped_by)
