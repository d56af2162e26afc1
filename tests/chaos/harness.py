"""How are servers killed and frozen again and again under load, and what is found afterwards?"""

import asyncio
import random
import shutil
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from tests.chaos.clients import Clients
from tests.chaos.journals import Journals, read_journals
from tests.chaos.ledgers import Verdict, judge
from tests.chaos.plan import Plan, free_port
from tests.chaos.processes import START_SECONDS, Process, receiver

LEAST_IN_FLIGHT = 16
SETTLE_SECONDS = 240
UNSETTLED = "status=open&status=delivering&status=review&status=escalated"


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
            f"kills: {self.kills}, freezes: {self.freezes}, seconds: {self.seconds:.0f}, the last of them settling: {self.settling:.0f}",
            f"cases in flight at a kill: {flight}",
            f"kill points (cases in a step when it died): {points}",
            f"{taken}, {repeated}",
            f"violations: {len(verdict.violations)}",
        ]
        return "\n".join([*lines, *verdict.violations[:20]])


class Chaos:
    """Servers that are killed and frozen, a receiver that is not, and clients that repeat what was not answered."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._folder = folder
        self._plan = plan
        self._random = random.Random(plan.seed)
        self._effects_port = free_port()
        self._outcome = Outcome()
        self._processes: list[Process] = []
        self._ports: list[int] = []
        self._allowed = 0.0
        self._clients = Clients(self._ports, plan.cases, lambda: self._allowed)

    async def run(self) -> Outcome:
        """Kill and freeze as often as planned, let everything come to an end, and compare the ledgers."""
        began = time.monotonic()
        effects = self._folder / "effects.jsonl"
        effects.touch()
        with self._plan.database(self._folder) as shared:
            async with receiver(self._effects_port, effects), aiohttp.ClientSession() as session:
                await self._start(shared)
                asking = asyncio.create_task(self._clients.ask(session))
                reviewing = asyncio.create_task(self._clients.review(session))
                await asyncio.gather(self._kill_all(), self._freeze_all())
                await asking
                settling = time.monotonic()
                await self._settled(session)
                self._outcome.settling = time.monotonic() - settling
                reviewing.cancel()
                journals = await read_journals(self._plan.settings(self._folder, shared))
                for process in self._processes:
                    await process.kill()
        self._outcome.seconds = time.monotonic() - began
        self._judge(journals, effects)
        return self._outcome

    def _judge(self, journals: Journals, effects: Path) -> None:
        verdict = judge(self._clients.heard, effects, journals.cases.values())
        self._outcome.quarantined = journals.events["case.quarantined"]
        self._outcome.verdict = Verdict(
            violations=(*journals.violations, *verdict.violations),
            acknowledged=verdict.acknowledged,
            effects=verdict.effects,
            repeated_attempts=verdict.repeated_attempts,
        )

    async def _start(self, shared: Mapping[str, str]) -> None:
        workflow = self._workflow()
        for name, port in self._plan.processes:
            process = Process(self._folder, name, port, shared)
            await process.start(workflow)
            self._processes.append(process)
            if port:
                self._ports.append(port)

    def _workflow(self) -> Path:
        copy = self._folder / "workflow"
        shutil.copytree(Path(__file__).with_name("workflow"), copy)
        definition = copy / "workflow.toml"
        definition.write_text(definition.read_text().replace("127.0.0.1:0", f"127.0.0.1:{self._effects_port}"))
        return copy

    async def _kill_all(self) -> None:
        """Each kill meets a wave of cases of its own, at another moment of their way."""
        wave = self._plan.cases / self._plan.kills
        for kill in range(1, self._plan.kills + 1):
            await asyncio.sleep(self._random.uniform(0, 0.8))
            self._allowed = kill * wave
            await self._enough_under_way()
            await asyncio.sleep(self._random.uniform(0, 0.25))
            victim = self._random.choice(
                [one for one in self._processes if one.alive and one.under_way()] or self._alive()
            )
            points = await victim.kill()
            self._outcome.kills += 1
            self._outcome.kill_points += points
            self._outcome.in_flight.append(points.total())
            if self._outcome.kills % 25 == 0:
                print(f"{self._outcome.kills} kills, {len(self._clients.heard.cases)} acknowledged", flush=True)
            await victim.start(self._folder / "workflow")

    async def _enough_under_way(self) -> None:
        async with asyncio.timeout(START_SECONDS):
            while sum(one.under_way().total() for one in self._alive()) < LEAST_IN_FLIGHT:
                await asyncio.sleep(0.005)

    def _alive(self) -> list[Process]:
        return [one for one in self._processes if one.alive]

    async def _freeze_all(self) -> None:
        """Freezes keep pace with the kills; one process at a time, and never the one that is killed meanwhile."""
        while self._outcome.freezes < self._plan.freezes:
            due = self._outcome.kills / self._plan.kills * self._plan.freezes > self._outcome.freezes
            victims = [one for one in self._alive() if one.under_way()]
            if victims and due:
                self._outcome.freezes += 1
                await self._random.choice(victims).freeze(self._random.uniform(*self._plan.freeze_seconds))
            await asyncio.sleep(0.05)

    async def _settled(self, session: aiohttp.ClientSession) -> None:
        """Until none is under way or waiting any more; what is stuck after a while is for the judge."""
        for _ in range(SETTLE_SECONDS * 2):
            left = await self._clients.send(session, "GET", f"/v1/cases?limit=1&{UNSETTLED}")
            if left and not left["cases"]:
                return
            await asyncio.sleep(0.5)
