"""What waits for a person, in which order, and what is known about each case in a list?"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from leitstand.domain.case import CaseSummary, Status
from leitstand.domain.workflow import Normalisation
from leitstand.encoding import plain
from leitstand.ports import CaseFilter
from leitstand.web.pages.visit import Visit
from leitstand.web.pages.words import reason, text_in

QUEUES = {"review": (Status.REVIEW,), "escalated": (Status.ESCALATED,)}
LONGEST_SUBJECT = 120
AHEAD = 5
"""How many following cases a case on the screen names, so that two can be fetched ahead even after some were taken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """Which waiting cases: a queue by name (``""`` for both) and a workflow (``""`` for all)."""

    name: str = ""
    workflow: str = ""

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The states behind the queue, review before escalated."""
        return QUEUES.get(self.name, (Status.REVIEW, Status.ESCALATED))

    @property
    def query(self) -> str:
        """The queue as it is written behind an address, with its question mark."""
        chosen = {"queue": self.name, "workflow": self.workflow}
        kept = {name: value for name, value in chosen.items() if value}
        return f"?{urlencode(kept)}" if kept else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A case in a list."""

    summary: CaseSummary
    subject: str
    workflow: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many cases wait in a queue of a workflow; ``title`` is the workflow's."""

    queue: Queue
    title: str
    waiting: int


def queue_of(visit: Visit) -> Queue:
    """The queue that the address names."""
    name = visit.asked("queue")
    return Queue(name=name if name in QUEUES else "", workflow=visit.asked("workflow"))


async def waiting(visit: Visit, queue: Queue, limit: int) -> tuple[CaseSummary, ...]:
    """Cases of the queue: review before escalated, what is due first in front."""
    found: tuple[CaseSummary, ...] = ()
    for status in queue.statuses:
        wanted = CaseFilter(
            workflow=queue.workflow or None, status=(status,), limit=max(1, limit - len(found)), oldest_due_first=True
        )
        found += await visit.parts.cases.find(visit.tenant_id, wanted)
    return found[:limit]


async def following(visit: Visit, queue: Queue, case_id: str) -> tuple[str, ...]:
    """Ids of the cases that come after this one, then those before it: nothing is skipped for ever."""
    ids = [summary.case.case_id for summary in await waiting(visit, queue, 200)]
    place = ids.index(case_id) + 1 if case_id in ids else 0
    return tuple(other for other in ids[place:] + ids[:place] if other != case_id)[:AHEAD]


async def counts(visit: Visit) -> tuple[Count, ...]:
    """What waits, per workflow and queue."""
    found, held = [], await visit.parts.cases.waiting(visit.tenant_id)
    for installed in visit.parts.installations.all_active(visit.tenant_id):
        workflow = installed.workflow
        for name in QUEUES:
            number = held.get((workflow.name, name), 0)
            title = text_in(workflow.title, visit.say.language)
            found.append(Count(queue=Queue(name=name, workflow=workflow.name), title=title, waiting=number))
    return tuple(found)


async def rows(visit: Visit, summaries: Iterable[CaseSummary]) -> tuple[Row, ...]:
    """The cases with what a list shows of them."""
    return tuple(await asyncio.gather(*(_row(visit, summary) for summary in summaries)))


async def _row(visit: Visit, summary: CaseSummary) -> Row:
    case = summary.case
    installed = await visit.parts.installations.by_digest(visit.tenant_id, case.release_digest)
    contents = await visit.parts.cases.contents(visit.tenant_id, case.case_id, ("input",))
    return Row(
        summary=summary,
        subject=subject(contents.get("input"), installed.workflow.input),
        workflow=text_in(installed.workflow.title, visit.say.language),
        reasons=tuple(reason(code, visit.say) for code in case.reasons),
    )


def subject(payload: bytes | None, read: Normalisation) -> str:
    """How the text begins that the case is about, on one line; ``""`` when it was erased."""
    given = plain(payload) if payload else None
    text = read.text_of(given) if isinstance(given, dict) else ""
    line = " ".join(text[: 4 * LONGEST_SUBJECT].split())
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1].rsplit(" ", 1)[0] + "…"
