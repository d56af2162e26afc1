"""Which cases are there? The list behind every number, with its filters in the address."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from leitstand.domain.case import Case, CaseSummary, Status
from leitstand.domain.errors import translatable
from leitstand.ports import CaseFilter
from leitstand.web.pages.queues import rows
from leitstand.web.pages.show import show
from leitstand.web.pages.visit import Visit
from leitstand.web.pages.words import STATUS_GLYPHS, STATUSES, VERBS, text_in
from leitstand.web.speech import DAY, HOUR, SECOND

SHOWN = 50
MOST_READ = 2000
"""Rows looked through for one page of a list that the store cannot narrow further."""

RANGES = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
RANGE_NAMES = {
    "1h": translatable("1 hour"),
    "24h": translatable("24 hours"),
    "7d": translatable("7 days"),
    "30d": translatable("30 days"),
    "": translatable("all time"),
}

ONLY = {
    "late": translatable("answered late"),
    "in_time": translatable("answered in time"),
    "answered": translatable("answered"),
    "fallback": translatable("from a fallback"),
    "costed": translatable("with a known cost"),
    "uncosted": translatable("with an unknown cost"),
    "decided": translatable("decided by a person"),
    "accept": translatable("accepted as is"),
    "edit": VERBS["edit"],
    "reject": VERBS["reject"],
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """The filters of the list as the address names them; ``""`` is any."""

    workflow: str = ""
    status: str = ""
    range: str = ""
    only: str = ""
    release: str = ""
    search: str = ""
    before: str = ""

    def link(self, **changes: str) -> str:
        """The address of the list with some filters changed; a change of filter starts at the newest case."""
        kept = {name: getattr(self, name) for name in self.__slots__ if name != "before"} | changes
        chosen = {name: value for name, value in kept.items() if value}
        return "/cases" + (f"?{urlencode(chosen)}" if chosen else "")


async def cases(visit: Visit) -> Response:
    """The list of cases, newest first."""
    wanted = _wanted(visit)
    found = await visit.parts.cases.summary(visit.tenant_id, wanted.search.lstrip("#")) if wanted.search else None
    if found is not None:
        return RedirectResponse(f"/cases/{found.case.case_id}", status_code=303)
    listed, last = await _collect(visit, wanted)
    workflows = [
        (item.workflow.name, text_in(item.workflow.title, visit.say.language))
        for item in visit.parts.installations.all_active(visit.tenant_id)
    ]
    return show(
        visit,
        "cases.html",
        wanted=wanted,
        rows=await rows(visit, listed),
        older=wanted.link(before=last) if last else "",
        workflows=workflows,
        statuses=STATUSES,
        glyphs=STATUS_GLYPHS,
        ranges=RANGE_NAMES,
        only=ONLY,
        verbs=VERBS,
    )


def _wanted(visit: Visit) -> Wanted:
    """The filters, without values that are no choice of ours."""
    status, chosen, only = visit.asked("status"), visit.asked("range"), visit.asked("only")
    return Wanted(
        workflow=visit.asked("workflow"),
        status=status if status in STATUSES else "",
        range=chosen if chosen in RANGES else "",
        only=only if only in ONLY else "",
        release=visit.asked("release"),
        search=visit.asked("search").strip(),
        before=visit.asked("before"),
    )


async def _collect(visit: Visit, wanted: Wanted) -> tuple[list[CaseSummary], str]:
    """One page of cases and the cursor of the next one, ``""`` when there is none."""
    belongs = _predicate(visit, wanted)
    found: list[CaseSummary] = []
    before, read, step = wanted.before or None, 0, SHOWN + 1 if not wanted.only else 250
    while read < MOST_READ:
        batch = await visit.parts.cases.find(visit.tenant_id, _filter(visit, wanted, before, step))
        for place, summary in enumerate(batch):
            if belongs(summary):
                found.append(summary)
            if len(found) == SHOWN and (place + 1 < len(batch) or len(batch) == step):
                return found, summary.case.case_id
        read += len(batch)
        if len(batch) < step:
            return found, ""
        before = batch[-1].case.case_id
    return found, before or ""


def _filter(visit: Visit, wanted: Wanted, before: str | None, limit: int) -> CaseFilter:
    return CaseFilter(
        workflow=wanted.workflow or None,
        status=(Status(wanted.status),) if wanted.status else (),
        release_digest=wanted.release or None,
        since=visit.now - RANGES[wanted.range] if wanted.range else None,
        search=wanted.search or None,
        before=before,
        limit=limit,
    )


def _predicate(visit: Visit, wanted: Wanted) -> Callable[[CaseSummary], bool]:
    """What the store cannot be asked for; in time is what the active release promises, as in the figures."""
    in_time = {
        item.workflow.name: int(item.workflow.slo.response_seconds * SECOND)
        for item in visit.parts.installations.all_active(visit.tenant_id)
    }
    return lambda summary: fits(summary.case, wanted.only, in_time.get(summary.case.workflow, 0))


def fits(case: Case, only: str, in_time: int) -> bool:
    """Whether a case belongs to one of the groups of ``ONLY``; ``in_time`` is the promise in microseconds."""
    took = None if case.answered_at is None else case.answered_at - case.accepted_at
    settled = took is not None or case.ended_at is not None
    groups = {
        "": True,
        "answered": took is not None,
        "late": took is not None and took > in_time,
        "in_time": took is not None and took <= in_time,
        "fallback": took is not None and case.fallback,
        "costed": settled and case.cost is not None,
        "uncosted": settled and case.cost is None,
        "decided": case.decision is not None,
    }
    return groups.get(only, case.decision == only)
