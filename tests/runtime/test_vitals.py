"""Do the numbers of the moment say what waits, since when, and whether this process is fit to go on?"""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.runtime.conftest import ASKER, Bench, Opinion, Receiver

from leitstand.assembly import now
from leitstand.domain import metric
from leitstand.domain.case import Priority
from leitstand.domain.guardrail import Verdict
from leitstand.domain.metric import Metric, Reading
from leitstand.ports import Database
from leitstand.runtime import vitals
from leitstand.runtime.submit import Submission, open_case
from leitstand.runtime.vitals import read_metrics, why_hung, why_not_ready
from leitstand.runtime.worker import Worker
from leitstand.stores.postgres import own


async def read(bench: Bench) -> Reading:
    return await read_metrics(bench.parts, bench.worker)


def of(reading: Reading, wanted: Metric, *labels: str) -> float:
    return reading.numbers[wanted.name][labels]


async def test_an_idle_process_shows_zeros_rather_than_nothing(bench: Bench) -> None:
    await bench.activate()
    reading = await read(bench)
    for wanted in (metric.CASES_IN_TIME, metric.QUARANTINED, metric.OVERDUE, metric.OUTBOX, metric.OPEN_AGE):
        assert of(reading, wanted, "help") == 0
    assert of(reading, metric.CASES, "help", "failed") == 0
    assert of(reading, metric.QUEUED, "help", "backfill") == 0
    assert of(reading, metric.REQUEST_ERRORS, "overloaded") == 0
    assert of(reading, metric.DATABASE_UP) == 1
    assert of(reading, metric.SLO_TARGET, "help") <= 1


async def test_the_tasks_of_the_loop_are_counted(bench: Bench) -> None:
    before = of(await read(bench), metric.TASKS)
    sleeping = [asyncio.create_task(asyncio.sleep(60)) for _ in range(3)]
    assert of(await read(bench), metric.TASKS) == before + 3
    for task in sleeping:
        task.cancel()
    await asyncio.gather(*sleeping, return_exceptions=True)
    assert of(await read(bench), metric.TASKS) == before


async def test_what_waits_for_its_turn_is_counted_with_its_age(bench: Bench) -> None:
    await bench.activate()
    bench.worker = Worker(bench.parts, most=0)
    for priority in (Priority.INTERACTIVE, Priority.BACKFILL, Priority.BACKFILL):
        given = Submission(
            tenant_id="default", workflow="help", input={"question": "?"}, actor=ASKER, channel="api", priority=priority
        )
        await open_case(bench.parts, bench.worker, given)
    bench.parts = replace(bench.parts, clock=lambda: time.time_ns() // 1000 + 60_000_000)
    reading = await read(bench)
    assert of(reading, metric.QUEUED, "help", "interactive") == 1
    assert of(reading, metric.QUEUED, "help", "backfill") == 2
    assert of(reading, metric.OPEN, "help") == 3
    for wanted, *labels in ((metric.QUEUE_AGE, "help", "interactive"), (metric.OPEN_AGE, "help")):
        assert 60 <= of(reading, wanted, *labels) < 120


async def test_deliveries_under_way_and_reviews_are_counted(bench: Bench) -> None:
    bench.receiver = Receiver(refusals=[True])
    await bench.activate()
    await bench.ask()
    bench.opinion = Opinion(verdict=Verdict.FLAGGED)
    await bench.activate("b")
    await bench.ask()
    reading = await read(bench)
    assert of(reading, metric.OUTBOX, "help") == 1
    assert of(reading, metric.REVIEWS, "help", "review") == 1
    assert of(reading, metric.OVERDUE, "help") == 0


async def test_the_store_tells_how_much_it_writes_at_once(bench: Bench) -> None:
    bench.parts = replace(bench.parts, figures=bench.stores.figures)
    await bench.activate()
    await bench.ask()
    reading = await read(bench)
    assert of(reading, metric.WRITES) >= of(reading, metric.COMMITS) > 0
    assert of(reading, metric.WRITES_WAITING) == 0


async def test_without_its_database_a_process_still_shows_what_it_knows(bench: Bench) -> None:
    await bench.activate()
    await bench.ask()
    await bench.stores.close()
    reading = await read(bench)
    assert of(reading, metric.DATABASE_UP) == 0
    assert of(reading, metric.CASES, "help", "delivered") == 1
    assert str(await why_not_ready(bench.parts)) == "its database does not answer"


async def test_a_database_that_keeps_silent_is_not_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.activate()
    monkeypatch.setattr(vitals, "ANSWER_SECONDS", 0.05)
    threads = bench.stores.cases._reader._threads  # type: ignore[attr-defined]
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for _ in range(threads._max_workers):
        threads.submit(lambda: asyncio.run_coroutine_threadsafe(done.wait(), loop).result())
    assert of(await read(bench), metric.DATABASE_UP) == 0
    assert str(await why_not_ready(bench.parts)) == "its database does not answer"
    done.set()
    monkeypatch.undo()
    assert await why_not_ready(bench.parts) is None


async def test_a_process_that_can_put_nothing_together_is_not_ready(bench: Bench) -> None:
    assert await why_not_ready(bench.parts) is None, "with no workflow at all there is nothing to put together"
    await bench.activate()
    await bench.end()
    bench.broken = True
    bench.begin()
    await bench.parts.installations.refresh()
    assert str(await why_not_ready(bench.parts)) == "no active release could be put together"


async def test_a_worker_that_does_not_come_round_hangs(bench: Bench) -> None:
    assert why_hung(bench.worker) is None, "it has not begun"
    bench.worker.begin()
    while bench.worker.looked is None:
        await asyncio.sleep(0.01)
    assert why_hung(bench.worker) is None
    bench.worker.looked -= vitals.HUNG_SECONDS + 1
    assert str(why_hung(bench.worker)) == "the worker hangs"


async def test_a_postgresql_store_tells_all_that_is_asked_of_a_store(tmp_path: Path, postgres_database: str) -> None:
    place = Database(path=tmp_path, url=postgres_database, keys=tmp_path / "keys", address="here", clock=now)
    stores = await own(place)
    try:
        assert set(stores.figures()) == set(vitals.STORE_FIGURES)
        assert 0 <= stores.figures()["heartbeat_age"] < place.lease_seconds
    finally:
        await stores.close()
