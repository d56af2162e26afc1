"""Which rows does an export consist of: one a case, or one an event?"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

from leitstand.assembly import reading
from leitstand.domain.case import CaseSummary
from leitstand.domain.event import Event
from leitstand.encoding import encode_event, plain
from leitstand.ports import CaseFilter, Stores
from leitstand.settings import Settings
from leitstand.tables.columns import Columns, Kind, time_of

PAGE = 500
PAGE_WITH_CONTENTS = 50
"""Each case may hold a megabyte and more."""

CONTENTS = ("input", "draft", "output")

CASES = Columns(
    name="cases",
    kinds={
        "number": Kind.INTEGER,
        "case_id": Kind.TEXT,
        "workflow": Kind.TEXT,
        "release_digest": Kind.TEXT,
        "job": Kind.TEXT,
        "status": Kind.TEXT,
        "language": Kind.TEXT,
        "outcome": Kind.TEXT,
        "reasons": Kind.TEXTS,
        "decision": Kind.TEXT,
        "fallback": Kind.BOOLEAN,
        "cost": Kind.INTEGER,
        "currency": Kind.TEXT,
        "accepted_at": Kind.TIME,
        "answered_at": Kind.TIME,
        "due_at": Kind.TIME,
        "ended_at": Kind.TIME,
        "seconds_shown": Kind.INTEGER,
    },
)
EVENTS = Columns(
    name="events",
    kinds={
        "case_id": Kind.TEXT,
        "seq": Kind.INTEGER,
        "epoch": Kind.INTEGER,
        "type": Kind.TEXT,
        "schema_version": Kind.INTEGER,
        "happened_at": Kind.TIME,
        "actor_kind": Kind.TEXT,
        "actor_id": Kind.TEXT,
        "release_digest": Kind.TEXT,
        "runtime_version": Kind.TEXT,
        "body": Kind.DATA,
        "commitments": Kind.DATA,
    },
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What to export: ``table`` is cases or events; ``since`` counts, ``until`` does not, in UTC microseconds."""

    table: str = "cases"
    workflow: str | None = None
    job: str | None = None
    since: int | None = None
    until: int | None = None
    contents: bool = False

    @property
    def columns(self) -> Columns:
        """The columns of the rows."""
        if self.table == "events":
            return EVENTS
        inner = dict.fromkeys(CONTENTS, Kind.DATA) if self.contents else {}
        return Columns(name="cases", kinds={**CASES.kinds, **inner})


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Some rows of cases that were accepted in one month, as 2026-11."""

    month: str
    cases: int
    rows: Sequence[Mapping[str, object]]


async def exported(settings: Settings, wanted: Wanted) -> AsyncIterator[Page]:
    """Page by page, so that memory stays flat; the newest case comes first."""
    async with reading(settings) as stores:
        async for month, page in _pages(stores, settings.tenant_id, wanted):
            if wanted.table == "events":
                rows = await _events(stores, settings.tenant_id, page)
            else:
                rows = await _cases(stores, settings.tenant_id, page, contents=wanted.contents)
            yield Page(month=month, cases=len(page), rows=rows)


async def _pages(stores: Stores, tenant_id: str, wanted: Wanted) -> AsyncIterator[tuple[str, list[CaseSummary]]]:
    before = None if wanted.until is None else _first_id_after(wanted.until)
    limit = PAGE_WITH_CONTENTS if wanted.contents else PAGE
    while True:
        asked = CaseFilter(workflow=wanted.workflow, job=wanted.job, since=wanted.since, before=before, limit=limit)
        found = await stores.cases.find(tenant_id, asked)
        if not found:
            return
        before = found[-1].case.case_id
        fitting = [one for one in found if wanted.until is None or one.case.accepted_at < wanted.until]
        for month, page in groupby(fitting, key=lambda one: f"{time_of(one.case.accepted_at):%Y-%m}"):
            yield month, list(page)


async def _cases(
    stores: Stores, tenant_id: str, page: Sequence[CaseSummary], *, contents: bool
) -> list[dict[str, object]]:
    rows = [_row(summary) for summary in page]
    if contents:
        asking = (stores.cases.contents(tenant_id, summary.case.case_id, CONTENTS) for summary in page)
        for row, stored in zip(rows, await asyncio.gather(*asking), strict=True):
            row |= {name: plain(stored[name]) if name in stored else None for name in CONTENTS}
    return rows


async def _events(stores: Stores, tenant_id: str, page: Sequence[CaseSummary]) -> list[dict[str, object]]:
    journals = await asyncio.gather(*(stores.cases.events(tenant_id, summary.case.case_id) for summary in page))
    return [_event(event) for journal in journals for event in journal]


def _row(summary: CaseSummary) -> dict[str, object]:
    names = (name for name in CASES.kinds if name != "number")
    return {"number": summary.number, **{name: getattr(summary.case, name) for name in names}}


def _event(event: Event) -> dict[str, object]:
    written = cast("dict[str, object]", plain(encode_event(event)))
    actor = cast("dict[str, object]", written["actor"])
    flat = {**written, "happened_at": event.at, "actor_kind": actor["kind"], "actor_id": actor["id"]}
    return {name: flat[name] for name in EVENTS.kinds}


def _first_id_after(at: int) -> str:
    """The first id that a case accepted a millisecond later could have; ids are ordered by time (RFC 9562)."""
    digits = f"{at // 1000 + 1:012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"
