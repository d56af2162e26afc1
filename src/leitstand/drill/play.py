"""What comes of one scenario: steady state, faults, load, figures against their bounds, recovery?"""

import asyncio
import hashlib
import itertools
import logging
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

from leitstand.domain.case import Status
from leitstand.drill.caller import Said, call
from leitstand.drill.evidence import Evidence, seen, settled, targets_of
from leitstand.drill.figures import FIGURES
from leitstand.drill.meanwhile import act
from leitstand.drill.planned import lift, planned, unused
from leitstand.drill.scenario import Expect, Scenario
from leitstand.drill.stage import Drilled, Stage, on_stage

AGAIN_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Expectation:
    """A bound and what was measured; None when there was nothing to measure."""

    expect: Expect
    measured: float | None
    met: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """A fault, and how often it was delivered."""

    at: str
    fault: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of a scenario; ``why`` says what is wrong where no expectation does."""

    scenario: Scenario
    status: Literal["passed", "failed", "error"]
    expectations: tuple[Expectation, ...] = ()
    faults: tuple[Delivered, ...] = ()
    why: str = ""
    seconds: float = 0.0
    example: str = ""


async def play(drilled: Drilled, scenario: Scenario, seed: int) -> Outcome:
    """The outcome of a scenario on a stage of its own; whatever breaks the drill itself is an error, never a pass."""
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="leitstand-drill-", ignore_cleanup_errors=True) as place:
            outcome = await _played(drilled, scenario, seed, Path(place))
    except Exception as error:  # noqa: BLE001  a drill that broke says so
        outcome = Outcome(scenario=scenario, status="error", why=f"{type(error).__name__}: {error}")
    return replace(outcome, seconds=time.monotonic() - began)


async def _played(drilled: Drilled, scenario: Scenario, seed: int, place: Path) -> Outcome:
    canary = hashlib.sha256(f"{scenario.id}-{seed}".encode()).hexdigest()[:24]
    faults = planned(scenario.inject, f"{scenario.id}-{seed}", canary)
    log = Heard()
    async with on_stage(drilled, faults, scenario.load, place) as stage:
        if not await _is_steady(stage, drilled, scenario.steady_state.cases, 0):
            return Outcome(scenario=scenario, status="error", why="there was no steady state to begin with")
        evidence = await _struck(stage, drilled, scenario, log, canary)
        expectations = tuple(_judged(expect, evidence) for expect in scenario.expect)
        why = await _recovered(stage, drilled, scenario)
    broken = unused(faults)
    why = broken or why
    met = all(expectation.met for expectation in expectations) and not why
    return Outcome(
        scenario=scenario,
        status="error" if broken else "passed" if met else "failed",
        expectations=expectations,
        faults=tuple(Delivered(at=each.spec.at, fault=each.spec.fault, count=each.delivered) for each in faults),
        why=why,
        example=evidence.seen[0].case.case_id if evidence.seen else "",
    )


async def _struck(stage: Stage, drilled: Drilled, scenario: Scenario, log: "Heard", canary: str) -> Evidence:
    """What happened while the faults struck."""
    before = {model.name: len(model.server.requests) for model in stage.models}
    lift(stage.planned, lifted=False)
    inputs = tuple(itertools.islice(itertools.cycle(drilled.inputs), scenario.load.cases))
    with log:
        async with asyncio.TaskGroup() as group:
            acting = group.create_task(act(stage, before[stage.models[0].name]))
            said = stage.left or await call(stage.door, inputs, scenario.load.concurrency)
            cases = await settled(stage, said, scenario.load.settle_seconds)
    return Evidence(
        said=said,
        seen=tuple([await seen(stage, case) for case in cases]),
        targets=targets_of(stage),
        requests={model.name: model.server.requests[before[model.name] :] for model in stage.models},
        ledger=tuple(effect for effect in stage.receiver.ledger if effect.case_id in {case.case_id for case in cases}),
        tools=tuple(stage.tools.ledger),
        while_stopped=acting.result(),
        log=log.text,
        canary=canary,
    )


def _judged(expect: Expect, evidence: Evidence) -> Expectation:
    measured = FIGURES[expect.figure](evidence, expect.of)
    low = expect.at_least is None or (measured is not None and measured >= expect.at_least)
    high = expect.at_most is None or (measured is not None and measured <= expect.at_most)
    return Expectation(expect=expect, measured=measured, met=low and high)


async def _recovered(stage: Stage, drilled: Drilled, scenario: Scenario) -> str:
    """What did not heal, empty when everything did or nothing had to."""
    lift(stage.planned, lifted=True)
    if scenario.recover is None:
        return ""
    until = time.monotonic() + scenario.recover.within_seconds
    for number in itertools.count(1):
        if await _is_steady(stage, drilled, 1, number):
            return ""
        if time.monotonic() > until:
            return f"not recovered within {scenario.recover.within_seconds:g} s"
        await asyncio.sleep(AGAIN_SECONDS)
    raise AssertionError("counting ended")


async def _is_steady(stage: Stage, drilled: Drilled, count: int, offset: int) -> bool:
    """Whether so many cases are answered by the primary model and delivered."""
    wanted = itertools.islice(itertools.cycle(drilled.inputs), offset, offset + count)
    said: tuple[Said, ...] = await call(stage.door, tuple(wanted), count or 1)
    cases = await settled(stage, said, 5.0)
    return len(cases) == count and all(case.status is Status.DELIVERED and not case.fallback for case in cases)


class Heard(logging.Handler):
    """Everything that is logged meanwhile, in this process."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter())
        self._lines: list[str] = []

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self._lines)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self._lines.append(self.format(record))

    def __enter__(self) -> Self:
        """Listen."""
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        logging.getLogger().removeHandler(self)
