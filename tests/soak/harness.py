"""How does a soak go, from the first ramp to the verdict?"""

import asyncio
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
from tests.chaos.fleet import Fleet, fleet
from tests.chaos.journals import read_journals
from tests.chaos.ledgers import judge
from tests.chaos.processes import Program
from tests.soak import callers, harms, outside
from tests.soak.callers import Callers
from tests.soak.harms import Harms
from tests.soak.plan import SoakPlan
from tests.soak.report import Outcome
from tests.soak.samples import Sampler

RAMP_SECONDS = 8.0
SCRIPTED = re.compile(r'provider = "scripted"\nretries = 3\noptions = .*\n')
CHAOS = "chaos"
UNDER_WAY = ("open", "delivering", "review", "escalated")


class SoakFleet(Fleet):
    """Servers as they are, callers with habits, and a world outside that fails."""

    program = Program(module="tests.soak.server")
    callers = Callers
    outside = staticmethod(outside.outside)


class Soak:
    """One soak."""

    def __init__(self, folder: Path, plan: SoakPlan) -> None:
        self._folder = folder
        self._plan = plan
        self._port = ""

    async def run(self) -> Outcome:
        """Ramp, soak, settle, judge."""
        began = time.monotonic()
        async with (
            fleet(self._folder, self._plan, change=self._prepare, kind=SoakFleet) as working,
            aiohttp.ClientSession() as session,
        ):
            outcome = await self._work(working, session)
        outcome.settling = working.settling
        outcome.seconds = time.monotonic() - began
        return outcome

    def _prepare(self, definition: str) -> str:
        """The workflow asks the model outside; a gateway to it stands beside."""
        found = re.search(r"127\.0\.0\.1:(\d+)", definition)
        assert found
        self._port = found[1]
        address = f"http://127.0.0.1:{self._port}/v1"
        gateway = self._folder / "gateway"
        command = (sys.executable, "-m", "leitstand.cli", "init", str(gateway), "--template", "passthrough")
        subprocess.run([*command, "--lang", "en"], check=True, capture_output=True)
        text = (gateway / "workflow.toml").read_text()
        (gateway / "workflow.toml").write_text(re.sub(r'base_url = "http.*"', f'base_url = "{address}"', text, count=1))
        asked = f'base_url = "{address}"\nmodel = "soak"\ntimeout_seconds = {outside.MODEL_TIMEOUT}\nretries = 1\n'
        changed, count = SCRIPTED.subn(f'provider = "openai_compatible"\n{asked}', definition)
        assert count == 1
        return changed

    async def _work(self, working: Fleet, session: aiohttp.ClientSession) -> Outcome:
        asking = working.clients
        assert isinstance(asking, Callers)
        harming, sampler = Harms(working, self._plan, session), Sampler(working, session)
        working.allowed = 0
        async with working.load():
            capacity = 0.0 if self._plan.rate else await _ramp(working, asking)
            outcome = Outcome(plan=self._plan, rate=self._plan.rate or capacity / 2, capacity=capacity)
            asking.bad = True
            await self._tell_outside(session, f"share/{self._plan.share}/{self._plan.seed}")
            others = (harming.go_on(), sampler.go_on(self._plan.between_samples))
            await _beside(_pace(working, asking, outcome.rate, self._plan), *others)
            asking.stop()
            await self._tell_outside(session, "share/0/0")
        outcome.series, outcome.missed = sampler.series, sampler.missed
        failed = Counter(await self._tell_outside(session, "counts"))
        outcome.delivered = asking.delivered + harming.delivered + failed
        missing = (kind for kind in self._kinds() if not outcome.delivered[kind])
        said = [*asking.violations, *harming.violations, *(f"never delivered: {kind}" for kind in missing)]
        await self._judge(working, outcome, said, harming.chats)
        return outcome

    def _kinds(self) -> tuple[str, ...]:
        """Everything that a soak of this plan must have delivered."""
        database = harms.DATABASE if self._plan.store == "postgres" else ()
        return (*callers.KINDS, *outside.KINDS, *harms.OTHERS, *database)

    async def _judge(self, working: Fleet, outcome: Outcome, said: list[str], chats: list[str]) -> None:
        """What the ledgers say of the cases, and that no chat is lost or stuck: it has no effect outside."""
        journals = await read_journals(self._plan.settings(self._folder, working.shared))
        stored = journals.cases
        mine = [case for case in stored.values() if case["workflow"] == CHAOS]
        verdict = judge(working.clients.heard, self._folder / "effects.jsonl", mine)
        lost = (f"{case}: chat was acknowledged and is lost" for case in chats if case not in stored)
        stuck = (
            f"{case['id']}: chat is stuck: {case['status']}"
            for case in stored.values()
            if case["workflow"] != CHAOS and case["status"] in UNDER_WAY
        )
        violations = (*said, *journals.violations, *verdict.violations, *lost, *stuck)
        outcome.verdict = replace(verdict, violations=violations)
        outcome.statuses = Counter(f"{case['workflow']} {case['status']}" for case in stored.values())

    async def _tell_outside(self, session: aiohttp.ClientSession, what: str) -> dict[str, int]:
        async with session.get(f"http://127.0.0.1:{self._port}/{what}") as reply:
            answer: dict[str, int] = await reply.json()
            return answer


async def _ramp(working: Fleet, asking: Callers) -> float:
    """Cases a second when every client waits for the end of its case and opens the next at once."""
    asking.waiting, working.allowed = True, float("inf")
    await asyncio.sleep(RAMP_SECONDS / 4)
    before, began = len(asking.heard.cases), time.monotonic()
    await asyncio.sleep(RAMP_SECONDS)
    reached = (len(asking.heard.cases) - before) / (time.monotonic() - began)
    asking.waiting, working.allowed = False, 0
    return reached


async def _pace(working: Fleet, asking: Callers, rate: float, plan: SoakPlan) -> None:
    """Let so many cases a second be opened, but for the rests."""
    before, began = asking.asked, time.monotonic()
    while (passed := time.monotonic() - began) < plan.seconds:
        working.allowed = before + rate * plan.busy(passed)
        await asyncio.sleep(0.02)


async def _beside(leading: Coroutine[Any, Any, None], *others: Coroutine[Any, Any, None]) -> None:
    """Run the others for as long as the first lasts; one that breaks ends everything."""
    running = [asyncio.create_task(one) for one in (leading, *others)]
    try:
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
