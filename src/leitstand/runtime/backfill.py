"""How do rows of a file become cases? A few at a time, each once, and behind whatever somebody waits for."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from leitstand.domain.case import Priority
from leitstand.domain.errors import CallerError
from leitstand.domain.event import Actor
from leitstand.ports import Data
from leitstand.runtime.parts import Parts
from leitstand.runtime.submit import Submission, open_case
from leitstand.runtime.worker import Worker

CLERK = Actor(kind="client", id="submit")


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Rows of a job, each as the key under which it counts once, and its input."""

    tenant_id: str
    workflow: str
    job: str
    rows: Sequence[tuple[str, Data]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How a process opens cases: so many at once, which share a commit, and then it pauses for so many seconds.

    A process that people wait for gives its loop back often: opening a case takes it a tenth of a millisecond.
    """

    at_once: int
    pause: float


BESIDE_PEOPLE = Pace(at_once=20, pause=0.002)
ALONE = Pace(at_once=100, pause=0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What came of a batch: cases opened, rows that were there already, and those refused, by place in the batch."""

    opened: int
    repeated: int
    refused: tuple[tuple[int, CallerError], ...]


async def backfill(parts: Parts, worker: Worker, batch: Batch, pace: Pace) -> Taken:
    """Open a case for every row, all of them durable on return; a row that is refused stops no other.

    Raises ``WorkflowUnknown``; what the store cannot do stops the batch, which may be sent again.
    """
    parts.installations.active(batch.tenant_id, batch.workflow)
    outcomes: list[bool | CallerError] = []
    for start in range(0, len(batch.rows), pace.at_once):
        chunk = batch.rows[start : start + pace.at_once]
        outcomes += await asyncio.gather(*(_open(parts, worker, batch, key, given) for key, given in chunk))
        await asyncio.sleep(pace.pause)
    parts.news.cases.set()
    return Taken(
        opened=outcomes.count(True),
        repeated=outcomes.count(False),
        refused=tuple((place, found) for place, found in enumerate(outcomes) if isinstance(found, CallerError)),
    )


async def _open(parts: Parts, worker: Worker, batch: Batch, key: str, given: Data) -> bool | CallerError:
    """Whether the case is a new one, or why there is none."""
    submission = Submission(
        tenant_id=batch.tenant_id,
        workflow=batch.workflow,
        input=given,
        actor=CLERK,
        channel="cli",
        idempotency_key=key,
        priority=Priority.BACKFILL,
        job=batch.job,
    )
    try:
        return not (await open_case(parts, worker, submission)).repeated
    except CallerError as error:
        return error
