"""Does every case that a stop strikes come to rest in its journal and go on afterwards, whenever it strikes?"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.runtime.conftest import GOOD, Bench, Script
from tests.runtime.test_worker import submit, until_all_ended

from leitstand.domain.case import CaseSummary
from leitstand.domain.errors import StoreUnusable
from leitstand.domain.review import Person
from leitstand.domain.stop import Scope, Stop
from leitstand.domain.workflow import Step
from leitstand.ports import Vacancy
from leitstand.runtime.run_case import Run
from leitstand.runtime.stop import Wanted, confirm_restart, propose_restart, stop
from leitstand.runtime.stops import Stops
from leitstand.runtime.worker import STEPS, Worker

ANNA, BEN = Person(id="anna", name="Anna"), Person(id="ben", name="Ben")
HELP = Wanted(tenant_id="default", scope=Scope.WORKFLOW, subject="help", reason="wrong answers")


@dataclass
class Moment:
    """A place that is reached, and left when it is let go."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    async def hold(self) -> None:
        self.reached.set()
        await self.free.wait()


async def restart(bench: Bench, made: Stop) -> None:
    _, token = await propose_restart(bench.parts, made.stop_id, ANNA)
    await confirm_restart(bench.parts, made.stop_id, BEN, token)


async def halts(bench: Bench, case_id: str) -> int:
    events = await bench.parts.cases.events("default", case_id)
    return sum(event.type == "case.halted" for event in events)


async def until_idle(bench: Bench) -> None:
    async with asyncio.timeout(5):
        while bench.worker.running:
            await asyncio.sleep(0.01)


async def begun(bench: Bench, *replies: Callable[[], Awaitable[object]]) -> str:
    bench.scripts = [Script(replies=[*replies, GOOD])]
    await bench.activate()
    bench.worker.begin()
    (case_id,) = await submit(bench, 1)
    return case_id


def held_up(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> Moment:
    """The first call of a method is done and its answer comes late, as from a busy database."""
    moment, method = Moment(), getattr(owner, name)

    async def late(*given: Any, **named: Any) -> Any:
        answer = await method(*given, **named)
        if not moment.reached.is_set():
            await moment.hold()
        return answer

    monkeypatch.setattr(owner, name, late)
    return moment


async def rests_once(bench: Bench, case_id: str, made: Stop) -> None:
    """It comes to rest with one event, and goes on after the restart."""
    await until_idle(bench)
    assert await halts(bench, case_id) == 1
    await restart(bench, made)
    await until_all_ended(bench)


async def test_a_case_that_comes_to_rest_by_itself_is_not_disturbed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It meets the stop before its next call, and before the worker looks for what is to be ended."""
    before_call, looking = Moment(), Moment()

    async def heeding(run: Run) -> None:
        if not before_call.reached.is_set():
            await before_call.hold()
            run.parts.stops.heed(run.case)
        await STEPS[Step.DRAFT](run)

    bench.worker = Worker(bench.parts, steps={**STEPS, Step.DRAFT: heeding})
    case_id = await begun(bench)
    await before_call.reached.wait()
    resting, refresh = held_up(monkeypatch, bench.stores.cases, "summary"), bench.parts.stops.refresh

    async def slow_refresh(_: Stops) -> None:
        await refresh()
        if bench.parts.stops.in_force and not looking.free.is_set():
            await looking.hold()

    monkeypatch.setattr(Stops, "refresh", slow_refresh)
    stopping = asyncio.create_task(stop(bench.parts, HELP, ANNA))
    await looking.reached.wait()
    before_call.free.set()
    await resting.reached.wait()
    looking.free.set()
    made = await stopping
    await asyncio.sleep(0.1)
    resting.free.set()
    await rests_once(bench, case_id, made)


async def test_a_case_whose_call_ends_after_the_restart_goes_on(bench: Bench) -> None:
    at_model, ending = Moment(), Moment()

    async def long_goodbye() -> str:
        try:
            await at_model.hold()
        finally:
            await ending.hold()
        return GOOD

    case_id = await begun(bench, long_goodbye)
    await at_model.reached.wait()
    made = await stop(bench.parts, HELP, ANNA)
    await ending.reached.wait()
    await restart(bench, made)
    ending.free.set()
    await until_all_ended(bench)
    assert await halts(bench, case_id) == 0


async def test_a_case_that_is_started_while_stopped_rests_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.worker = Worker(bench.parts, most=0)
    case_id = await begun(bench)
    ((case, _),) = await bench.parts.cases.claim(Vacancy(limit=1))
    made = await stop(bench.parts, HELP, ANNA)
    resting = held_up(monkeypatch, bench.stores.cases, "summary")
    bench.worker = Worker(bench.parts)
    bench.worker.start(case)
    await resting.reached.wait()
    bench.worker.begin()
    await asyncio.sleep(0.1)
    resting.free.set()
    await rests_once(bench, case_id, made)


async def test_a_case_that_a_stop_strikes_before_its_first_step_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The case is stored, and the look for stops ends, in one turn of the loop."""
    storing, looking = held_up(monkeypatch, bench.stores.cases, "open"), Moment()
    looking.free, refresh = storing.free, bench.parts.stops.refresh

    async def slow_refresh(_: Stops) -> None:
        await refresh()
        if asyncio.current_task() in bench.worker._looking and bench.parts.stops.in_force:
            await looking.hold()

    await bench.activate()
    bench.worker.begin()
    opening = asyncio.create_task(submit(bench, 1))
    await storing.reached.wait()
    monkeypatch.setattr(Stops, "refresh", slow_refresh)
    made = await stop(bench.parts, HELP, ANNA)
    await looking.reached.wait()
    storing.free.set()
    (case_id,) = await opening
    async with asyncio.timeout(5):
        while not await halts(bench, case_id):
            await asyncio.sleep(0.01)
    await restart(bench, made)
    await until_all_ended(bench)


async def test_a_case_whose_rest_cannot_be_written_goes_on_when_the_store_can(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_model = Moment()

    async def waits() -> str:
        await at_model.hold()
        return GOOD

    await begun(bench, waits)
    await at_model.reached.wait()
    full = StoreUnusable(path="test", detail="full", way_out="")

    async def refuses(tenant_id: str, subject: str) -> CaseSummary | None:
        raise full

    with monkeypatch.context() as patched:
        patched.setattr(bench.stores.cases, "summary", refuses)
        made = await stop(bench.parts, HELP, ANNA)
        await until_idle(bench)
    await restart(bench, made)
    await until_all_ended(bench)
