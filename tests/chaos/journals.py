"""Do the journals add up: no gap, no step back in epochs, the row where the events lead, nothing that is stuck?"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from leitstand.assembly import reading
from leitstand.domain.case import CaseSummary, fold
from leitstand.domain.event import Event
from leitstand.ports import CaseFilter, CaseStore
from leitstand.settings import Settings

PAGE = 500


@dataclass
class Journals:
    """What the events of all cases say in the end."""

    cases: dict[str, dict[str, object]] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)


async def read_journals(settings: Settings) -> Journals:
    """Every case with its journal, through a reader of its own beside whatever runs."""
    found = Journals()
    async with reading(settings) as stores:
        before: str | None = None
        while page := await stores.cases.find(settings.tenant_id, CaseFilter(limit=PAGE, before=before)):
            for summary in page:
                await _read(stores.cases, summary, found)
            before = page[-1].case.case_id
    return found


async def _read(cases: CaseStore, summary: CaseSummary, found: Journals) -> None:
    case = summary.case
    found.cases[case.case_id] = {"id": case.case_id, "status": case.status.value, "workflow": case.workflow}
    journal = await cases.events(case.tenant_id, case.case_id)
    found.violations += broken(summary, journal)
    found.events.update(event.type for event in journal)


def broken(summary: CaseSummary, journal: tuple[Event, ...]) -> Iterable[str]:
    """What is wrong with one journal, one sentence each."""
    case_id, places = summary.case.case_id, [event.seq for event in journal]
    if places != list(range(1, len(places) + 1)):
        yield f"{case_id}: its events are numbered {places}"
    epochs = [event.epoch for event in journal]
    if epochs != sorted(epochs):
        yield f"{case_id}: its epochs go back: {epochs}"
    elif (folded := fold(journal)) != summary.case._replace(epoch=folded.epoch):
        yield f"{case_id}: its row says {summary.case}, its events {folded}"
    finished = [event.seq for event in journal if event.type == "case.delivered"]
    if len(finished) > 1:
        yield f"{case_id}: it was delivered {len(finished)} times"
