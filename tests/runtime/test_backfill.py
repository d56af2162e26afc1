"""Do the rows of a batch become cases, each once, behind whatever somebody waits for?"""

import asyncio

import pytest
from tests.runtime.conftest import GOOD, Bench, Script

from leitstand.domain.case import Priority, Status
from leitstand.domain.errors import IdempotencyConflict, InputInvalid, WorkflowUnknown
from leitstand.ports import CaseFilter
from leitstand.runtime.backfill import ALONE, BESIDE_PEOPLE, Batch, Pace, backfill
from leitstand.runtime.worker import Worker


def batch(*rows: tuple[str, dict[str, object]], workflow: str = "help") -> Batch:
    return Batch(tenant_id="default", workflow=workflow, job="march.csv", rows=rows)


def questions(count: int) -> tuple[tuple[str, dict[str, object]], ...]:
    return tuple((f"march.csv/{place}", {"question": f"Wann {place}?"}) for place in range(count))


@pytest.mark.parametrize("pace", [ALONE, BESIDE_PEOPLE, Pace(at_once=1, pause=0)])
async def test_every_row_becomes_one_case_however_often_it_comes(bench: Bench, pace: Pace) -> None:
    await bench.activate()
    first = await backfill(bench.parts, bench.worker, batch(*questions(45)), pace)
    again = await backfill(bench.parts, bench.worker, batch(*questions(50)), pace)
    assert (first.opened, first.repeated, first.refused) == (45, 0, ())
    assert (again.opened, again.repeated, again.refused) == (5, 45, ())
    assert await bench.parts.cases.job("default", "march.csv") == {"open": 50}


async def test_a_row_that_is_refused_stops_no_other(bench: Bench) -> None:
    await bench.activate()
    await backfill(bench.parts, bench.worker, batch(("march.csv/1", {"question": "Wann?"})), ALONE)
    rows = (
        ("march.csv/0", {"question": 7}),
        ("march.csv/1", {"question": "Wo?"}),
        ("march.csv/2", {"question": "Wer?"}),
    )
    taken = await backfill(bench.parts, bench.worker, batch(*rows), ALONE)
    assert (taken.opened, taken.repeated) == (1, 0)
    assert [(place, type(error)) for place, error in taken.refused] == [(0, InputInvalid), (1, IdempotencyConflict)]
    with pytest.raises(WorkflowUnknown):
        await backfill(bench.parts, bench.worker, batch(*rows, workflow="nothing"), ALONE)


async def test_a_backfill_waits_its_turn_and_is_no_queue_of_people(bench: Bench) -> None:
    asked = asyncio.Event()

    async def answer() -> str:
        asked.set()
        return GOOD

    bench.scripts = [Script(replies=[answer])]
    await bench.activate()
    bench.worker = Worker(bench.parts, most=8, most_waiting=0)
    taken = await backfill(bench.parts, bench.worker, batch(*questions(3)), ALONE)
    assert taken.opened == 3
    assert bench.worker.running == 0 and not asked.is_set()
    await bench.worker.sweep()
    assert 0 < bench.worker.running <= 6
    await asyncio.wait_for(asked.wait(), 10)
    await bench.worker.drain(10)
    assert await bench.parts.cases.job("default", "march.csv") == {Status.DELIVERED: 3}
    found = [summary.case for summary in await bench.parts.cases.find("default", CaseFilter(job="march.csv"))]
    assert {(case.priority, case.job) for case in found} == {(Priority.BACKFILL, "march.csv")}
    assert bench.parts.news.cases.is_set()
