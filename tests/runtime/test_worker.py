"""Does a worker take up what it has room for, in order, and leave the rest to others?"""

import asyncio
from dataclasses import replace

from tests.runtime.conftest import ASKER, GOOD, Bench, Script

from leitstand.domain.case import MOST_CRASHES, Priority, Status
from leitstand.domain.errors import LeaseLost, Overloaded
from leitstand.domain.guardrail import Verdict
from leitstand.domain.review import ReviewDecision, Verb
from leitstand.domain.workflow import Step
from leitstand.ports import CaseFilter, Vacancy
from leitstand.runtime.queue import Queue
from leitstand.runtime.review import decide_review
from leitstand.runtime.run_case import Run
from leitstand.runtime.submit import Submission, open_case
from leitstand.runtime.worker import STEPS, Worker


class Gate:
    """Lets model calls begin, and end only when it is opened."""

    def __init__(self) -> None:
        self.begun = 0
        self.opened = asyncio.Event()

    async def pass_through(self) -> str:
        self.begun += 1
        await self.opened.wait()
        return GOOD

    async def wait_for(self, begun: int) -> None:
        async with asyncio.timeout(10):
            while self.begun < begun:
                await asyncio.sleep(0.01)


async def submit(bench: Bench, count: int, priority: Priority = Priority.INTERACTIVE) -> list[str]:
    submission = Submission(
        tenant_id="default", workflow="help", input={"question": "Geht das?"}, actor=ASKER, channel="api"
    )
    opened = [await open_case(bench.parts, bench.worker, replace(submission, priority=priority)) for _ in range(count)]
    return [summary.case.case_id for summary in opened]


async def statuses(bench: Bench) -> list[Status]:
    return [summary.case.status for summary in await bench.parts.cases.find("default", CaseFilter(limit=1000))]


async def until_all_ended(bench: Bench) -> None:
    async with asyncio.timeout(20):
        while set(await statuses(bench)) != {Status.DELIVERED}:
            await asyncio.sleep(0.02)


async def gated(bench: Bench, most: int, **limits: int) -> Gate:
    gate = Gate()
    bench.scripts = [Script(replies=[gate.pass_through] * 500)]
    await bench.activate(**limits)
    bench.worker = Worker(bench.parts, most=most)
    return gate


async def test_a_stop_starts_none_of_the_cases_that_wait_their_turn(bench: Bench) -> None:
    gate = await gated(bench, most=1)
    await submit(bench, 2)
    await gate.wait_for(1)
    await bench.worker.stop()
    await asyncio.sleep(0)
    assert (bench.worker.running, gate.begun) == (0, 1)


async def test_what_finds_no_room_waits_in_the_store_and_comes_to_its_turn(bench: Bench) -> None:
    gate = await gated(bench, most=2)
    await submit(bench, 7)
    await gate.wait_for(2)
    bench.worker.begin()
    await asyncio.sleep(0.1)
    assert (bench.worker.running, gate.begun) == (2, 2)
    gate.opened.set()
    await until_all_ended(bench)
    assert gate.begun == 7


async def test_many_at_once_find_no_more_room_than_there_is(bench: Bench) -> None:
    gate = await gated(bench, most=3)
    bench.worker.queue = Queue(bench.parts.cases, 5)
    asked = await asyncio.gather(*(submit(bench, 1) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(answer, Overloaded) for answer in asked) == 12
    assert bench.worker.running == 3
    gate.opened.set()
    bench.worker.begin()
    await until_all_ended(bench)
    assert gate.begun == 8


async def test_who_comes_later_does_not_overtake_who_waits(bench: Bench) -> None:
    gate = await gated(bench, most=2)
    first = await submit(bench, 4)
    await bench.worker.sweep()
    gate.opened.set()
    await asyncio.gather(*(bench.worker.wait(case_id, 10) for case_id in first[:2]))
    (late,) = await submit(bench, 1)
    assert await bench.worker.wait(late, 0) is None, "it waits behind the two that were there before it"
    assert bench.worker.running == 0
    bench.worker.begin()
    await until_all_ended(bench)


async def test_a_backfill_leaves_room_for_who_waits(bench: Bench) -> None:
    gate = await gated(bench, most=8)
    rows = await submit(bench, 30, Priority.BACKFILL)
    assert bench.worker.running == 0, "a backfill is taken up by the sweep only"
    await bench.worker.sweep()
    await gate.wait_for(6)
    assert bench.worker.running == 6
    (asked,) = await submit(bench, 1)
    await gate.wait_for(7)
    gate.opened.set()
    assert await bench.worker.wait(asked, 10)
    bench.worker.begin()
    await until_all_ended(bench)
    assert len(rows) + 1 == gate.begun


async def test_a_workflow_runs_at_most_as_many_as_it_allows(bench: Bench) -> None:
    gate = await gated(bench, most=50, most_running=3)
    await submit(bench, 9)
    bench.worker.begin()
    await gate.wait_for(3)
    await asyncio.sleep(0.1)
    assert bench.worker.running == 3
    gate.opened.set()
    await until_all_ended(bench)


async def test_a_drain_ends_what_runs_and_takes_up_nothing_new(bench: Bench) -> None:
    gate = await gated(bench, most=1)
    await submit(bench, 3)
    bench.worker.begin()
    await gate.wait_for(1)
    draining = asyncio.create_task(bench.worker.drain(10))
    await asyncio.sleep(0.05)
    assert not draining.done()
    gate.opened.set()
    await draining
    assert (bench.worker.running, gate.begun) == (0, 1)
    assert sorted(await statuses(bench)) == [Status.DELIVERED, Status.OPEN, Status.OPEN]


async def test_a_drain_ends_when_its_time_is_over(bench: Bench) -> None:
    gate = await gated(bench, most=1)
    await submit(bench, 1)
    await gate.wait_for(1)
    await bench.worker.drain(0.05)
    assert bench.worker.running == 1


async def test_a_process_that_does_not_work_leaves_everything_in_the_queue(bench: Bench) -> None:
    gate = await gated(bench, most=0)
    await submit(bench, 2)
    await bench.worker.sweep()
    assert (bench.worker.running, gate.begun) == (0, 0)
    bench.worker = Worker(bench.parts, most=5)
    gate.opened.set()
    bench.worker.begin()
    await until_all_ended(bench)


async def test_a_case_that_keeps_ending_its_process_is_put_before_a_person(bench: Bench) -> None:
    gate = await gated(bench, most=5)
    bench.worker = Worker(bench.parts, most=0)
    (case_id,) = await submit(bench, 1)
    bench.worker = Worker(bench.parts, most=5)
    ((case, _),) = await bench.parts.cases.claim(Vacancy(limit=1))
    bench.worker.start(case, crashes=MOST_CRASHES)
    await bench.worker.wait(case_id, 10)
    summary = await bench.parts.cases.summary("default", case_id)
    assert summary is not None
    assert (summary.case.status, summary.case.reasons) == (Status.ESCALATED, ("quarantined",))
    assert gate.begun == 0
    events = await bench.parts.cases.events("default", case_id)
    assert (events[-1].type, events[-1].body.step, events[-1].body.crashes) == ("case.quarantined", "normalise", 3)


async def test_a_decision_that_arrives_before_the_run_is_quite_over_is_carried_out_after_it(bench: Bench) -> None:
    gate = await gated(bench, most=5)
    gate.opened.set()
    bench.opinion.verdict = Verdict.FLAGGED
    (case_id,) = await submit(bench, 1)
    run = await bench.worker.wait(case_id, 10)
    assert run is not None and run.case.status is Status.REVIEW
    held = asyncio.Event()

    async def not_quite_over(run: Run) -> None:
        if held.is_set():
            await STEPS[Step.DELIVER](run)
        else:
            await held.wait()
            raise LeaseLost(case_id=case_id)

    bench.worker = Worker(bench.parts, steps={**STEPS, Step.DELIVER: not_quite_over})
    summary = await bench.parts.cases.summary("default", case_id)
    assert summary is not None
    bench.worker.start(summary.case._replace(status=Status.DELIVERING))
    decision = ReviewDecision(verb=Verb.ACCEPT, draft_commitment=summary.case.draft_commitment)
    decided = await decide_review(bench.parts, bench.worker, summary, decision, ASKER)
    assert (decided.case.status, bench.worker.running) == (Status.DELIVERING, 1)
    held.set()
    await until_all_ended(bench)
