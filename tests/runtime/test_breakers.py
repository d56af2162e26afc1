"""Is a model that fails, or is slow, left alone by everybody, and asked again once that is over?"""

import asyncio
from pathlib import Path

import pytest
from tests.runtime.house import GOOD, House, a_house, target

from leitstand.cli.symptoms import examine
from leitstand.domain.breaker import Breaker, Place, State
from leitstand.domain.case import Case, Status
from leitstand.runtime.vitals import read_metrics
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.web.pages.breakers import left_alone
from leitstand.web.speech import Speech

SPEC = {"least_calls": 4, "open_seconds": 60}


def how(cases: list[Case]) -> list[list[str | None]]:
    return [[attempt.error for attempt in case.attempts] for case in cases]


def breaker_of(house: House) -> tuple[Place, Breaker]:
    assert house.system.parts.breakers
    ((place, breaker),) = house.system.parts.breakers.states.items()
    return place, breaker


async def shown(house: House) -> tuple[float, str]:
    """What the metric and the control room say of the model."""
    parts = house.system.parts
    reading = await read_metrics(parts, house.system.worker)
    (workflow,) = parts.installations.promises()
    lines = left_alone(parts.breakers, "default", workflow, Speech("en"), parts.clock())
    return reading.numbers["leitstand_breaker_open"]["openai_compatible", "m"], "".join(lines)


def advance(house: House, seconds: float) -> None:
    """The pause of its breakers runs on by so much."""
    breakers = house.system.parts.breakers
    assert breakers
    before = breakers._clock
    breakers._clock = lambda: before() + int(seconds * 1e6)


class Healing:
    """A service that fails until it is well."""

    def __init__(self, ill: faults.Behaviour) -> None:
        self.ill, self.well = ill, False

    def __call__(self, _: object) -> faults.Behaviour:
        return faults.good(GOOD) if self.well else self.ill


async def test_a_failing_model_is_left_alone_and_probed_once_when_the_pause_is_over(tmp_path: Path) -> None:
    service = Healing(faults.error(500))
    with FaultServer(choose=service) as server:
        async with a_house(tmp_path, target(server), breaker=SPEC) as house:
            for _ in range(4):
                assert (await house.ask()).status is Status.ESCALATED
            assert how(await house.ask_all(20)) == [["withheld:breaker"]] * 20
            assert len(server.requests) == 4
            is_open, line = await shown(house)
            assert is_open == 1
            assert line.startswith("m fails too often; it is tried again in ")
            advance(house, 61)
            assert sorted(how(await house.ask_all(20))) == [["server_error"]] + [["withheld:breaker"]] * 19
            assert (len(server.requests), breaker_of(house)[1].openings) == (5, 2)
            service.well = True
            advance(house, 121)
            assert (await house.ask()).status is Status.DELIVERED
            assert how(await house.ask_all(5)) == [[""]] * 5
            assert breaker_of(house)[1].state is State.CLOSED
            assert await shown(house) == (0, "")


@pytest.mark.parametrize(
    "behaviour", [faults.reset(), faults.error(429), faults.html(200), faults.nothing(), faults.reply(200, b"")]
)
async def test_what_speaks_of_the_service_opens_it(tmp_path: Path, behaviour: faults.Behaviour) -> None:
    with FaultServer(behaviour) as server:
        async with a_house(tmp_path, target(server), breaker=SPEC) as house:
            cases = [await house.ask() for _ in range(5)]
    assert how(cases)[4] == ["withheld:breaker"]


@pytest.mark.parametrize(
    "behaviour", [faults.error(401), faults.error(400, "context_length_exceeded"), faults.good("no JSON")]
)
async def test_what_speaks_of_the_question_or_the_key_does_not(tmp_path: Path, behaviour: faults.Behaviour) -> None:
    with FaultServer(behaviour) as server:
        async with a_house(tmp_path, target(server), breaker=SPEC) as house:
            cases = [await house.ask() for _ in range(5)]
    assert "withheld:breaker" not in how(cases)[4]


async def test_slowness_opens_it_too(tmp_path: Path) -> None:
    with FaultServer(faults.late(0.15, faults.good(GOOD))) as server, FaultServer(faults.good(GOOD)) as quick:
        spec = {**SPEC, "slow_seconds": 0.1}
        async with a_house(tmp_path, target(server), target(quick), breaker=spec) as house:
            cases = [await house.ask() for _ in range(5)]
            place = Place("default", "openai_compatible", "m", f"{server.url}/v1")
            assert house.system.parts.breakers
            assert house.system.parts.breakers.states[place].cause == "slowness"
    assert how(cases) == [[""]] * 4 + [["withheld:breaker", ""]]
    assert all(case.status is Status.DELIVERED for case in cases)


async def test_it_is_still_open_after_a_restart(tmp_path: Path) -> None:
    with FaultServer(faults.error(500)) as server:
        async with a_house(tmp_path, target(server), breaker=SPEC) as house:
            for _ in range(4):
                await house.ask()
        said = [symptom.text() for symptom in await examine(house.system.settings) if symptom.what == "model"]
        assert [text.partition(",")[0] for text in said] == ["m fails too often and is left alone"]
        async with a_house(tmp_path, target(server), breaker=SPEC) as house:
            house.system.worker.begin()
            while not house.system.parts.breakers.states:  # type: ignore[union-attr]
                await asyncio.sleep(0.01)
            assert how([await house.ask()]) == [["withheld:breaker"]]
        assert len(server.requests) == 4


async def test_two_processes_leave_it_alone_together_and_send_one_probe(tmp_path: Path, postgres_database: str) -> None:
    with FaultServer(faults.error(500)) as server:
        url = {"database_url": postgres_database}
        async with (
            a_house(tmp_path, target(server), settings=url, breaker=SPEC) as one,
            a_house(tmp_path, target(server), settings=url, breaker=SPEC) as other,
        ):
            for house in (one, other):
                house.system.worker.begin()
            for _ in range(4):
                await one.ask()
            while not other.system.parts.breakers.states:  # type: ignore[union-attr]
                await asyncio.sleep(0.01)
            assert how(await other.ask_all(5)) == [["withheld:breaker"]] * 5
            assert len(server.requests) == 4
            for house in (one, other):
                advance(house, 61)
            cases = await asyncio.gather(one.ask_all(10), other.ask_all(10))
            assert len(server.requests) == 5
    assert sorted(how([*cases[0], *cases[1]])) == [["server_error"]] + [["withheld:breaker"]] * 19
