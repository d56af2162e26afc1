"""How are servers killed and frozen again and again under load, and what is found afterwards?"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.fleet import Fleet, fleet
from tests.chaos.ledgers import Verdict
from tests.chaos.plan import Plan
from tests.chaos.processes import START_SECONDS, Process

LEAST_IN_FLIGHT = 16
MOST_BEHIND = 150


@dataclass
class Outcome:
    """What a run of the chaos came to."""

    kills: int = 0
    freezes: int = 0
    kill_points: Counter[str] = field(default_factory=Counter)
    in_flight: list[int] = field(default_factory=list)
    quarantined: int = 0
    seconds: float = 0.0
    settling: float = 0.0
    verdict: Verdict | None = None

    def text(self) -> str:
        """The report as it is printed."""
        assert self.verdict
        points = ", ".join(f"{step} {count}" for step, count in self.kill_points.most_common())
        verdict, mean = self.verdict, sum(self.in_flight) / len(self.in_flight)
        flight = f"least {min(self.in_flight)}, mean {mean:.1f}, most {max(self.in_flight)}"
        taken = f"acknowledged: {verdict.acknowledged}, effects taken: {verdict.effects}"
        repeated = f"attempts repeated under their key: {verdict.repeated_attempts}, quarantined: {self.quarantined}"
        lines = [
            f"kills: {self.kills}, freezes: {self.freezes}",
            f"seconds: {self.seconds:.0f}, the last of them settling: {self.settling:.0f}",
            f"cases in flight at a kill: {flight}",
            f"kill points (cases in a step when it died): {points}",
            f"{taken}, {repeated}",
            f"violations: {len(verdict.violations)}",
        ]
        return "\n".join([*lines, *verdict.violations[:20]])


class Chaos:
    """Kills and freezes processes of a fleet under load, as often as planned."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._folder = folder
        self._plan = plan
        self._random = random.Random(plan.seed)
        self._outcome = Outcome()

    async def run(self) -> Outcome:
        """Kill and freeze as often as planned, let everything come to an end, and compare the ledgers."""
        began = time.monotonic()
        async with fleet(self._folder, self._plan) as fighting:
            fighting.allowed = 0
            async with fighting.load():
                await asyncio.gather(self._kill_all(fighting), self._freeze_all(fighting))
            self._outcome.verdict = await fighting.judge()
        self._outcome.settling = fighting.settling
        self._outcome.quarantined = fighting.journals.events["case.quarantined"]
        self._outcome.seconds = time.monotonic() - began
        return self._outcome

    async def _kill_all(self, fighting: Fleet) -> None:
        """Each kill meets a wave of cases of its own, at another moment of their way."""
        wave = self._plan.cases / self._plan.kills
        for kill in range(1, self._plan.kills + 1):
            await asyncio.sleep(self._random.uniform(0, 0.8))
            await self._not_too_many_behind(fighting)
            fighting.allowed = kill * wave
            await self._enough_under_way(fighting)
            await asyncio.sleep(self._random.uniform(0, 0.25))
            victim = await self._victim(fighting)
            points = await victim.kill()
            self._outcome.kills += 1
            self._outcome.kill_points += points
            self._outcome.in_flight.append(points.total())
            if self._outcome.kills % 25 == 0:
                print(f"{self._outcome.kills} kills, {len(fighting.clients.heard.cases)} acknowledged", flush=True)
            await victim.start(fighting.workflow)

    async def _victim(self, fighting: Fleet) -> Process:
        """Any process that is not frozen, rather one with cases under way."""
        while not fighting.alive:
            await asyncio.sleep(0.01)
        return self._random.choice([one for one in fighting.alive if one.under_way()] or fighting.alive)

    async def _not_too_many_behind(self, fighting: Fleet) -> None:
        """Kills that leave nobody the time to do anything would only pile up a queue."""
        until = time.monotonic() + START_SECONDS
        while (await fighting.unsettled(MOST_BEHIND)) in (None, MOST_BEHIND) and time.monotonic() < until:
            await asyncio.sleep(0.1)

    async def _enough_under_way(self, fighting: Fleet) -> None:
        async with asyncio.timeout(START_SECONDS):
            while sum(one.under_way().total() for one in fighting.alive) < LEAST_IN_FLIGHT:
                await asyncio.sleep(0.005)

    async def _freeze_all(self, fighting: Fleet) -> None:
        """Freezes keep pace with the kills: one process at a time."""
        while self._outcome.freezes < self._plan.freezes:
            due = self._outcome.kills / self._plan.kills * self._plan.freezes > self._outcome.freezes
            victims = [one for one in fighting.alive if one.under_way()]
            if victims and due:
                self._outcome.freezes += 1
                await self._random.choice(victims).freeze(self._random.uniform(*self._plan.freeze_seconds))
            await asyncio.sleep(0.05)
