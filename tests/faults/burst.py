"""What becomes of very many cases that arrive at once?

python -m tests.faults.burst --cases 100000 --store postgres
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from tests.chaos.fleet import UNSETTLED, Fleet, fleet
from tests.chaos.ledgers import Verdict
from tests.chaos.plan import Plan
from tests.chaos.processes import Program

from leitstand.testing.ports import free_port

SOCKETS = 1_000
"""Requests that are on their way at once; all others stand behind them."""

LONGEST = 3_600.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the server is allowed to hold; the defaults are those of its settings."""

    running: int = 256
    waiting: int = 10_000


@dataclass
class Crowd:
    """Callers who all come at once, and come again when they are asked to, not earlier."""

    fleet: Fleet
    port: int
    refused: int = 0
    cut_off: int = 0
    unannounced: list[str] = field(default_factory=list)
    door: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SOCKETS))
    dice: random.Random = field(default_factory=lambda: random.Random(11))

    async def come(self, cases: int) -> None:
        """Until every case was acknowledged."""
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as everybody:
            for number in range(1, cases + 1):
                everybody.create_task(self._one(session, number))

    async def _one(self, session: aiohttp.ClientSession, number: int) -> None:
        body, key = {"input": self.fleet.clients.input_of(number)}, f"burst-{number}"
        while True:
            async with self.door:
                pause = await self._ask(session, body, key)
            if pause is None:
                return
            await asyncio.sleep(pause * (1 + self.dice.random()))

    async def _ask(self, session: aiohttp.ClientSession, body: object, key: str) -> float | None:
        """None when it is acknowledged, else the seconds after which the server wants to be asked again."""
        url = f"http://127.0.0.1:{self.port}/v1/workflows/chaos/cases"
        patience = aiohttp.ClientTimeout(total=None, sock_read=120)
        try:
            async with session.post(url, json=body, headers={"Idempotency-Key": key}, timeout=patience) as reply:
                return self._heard(key, reply, await reply.json(content_type=None))
        except aiohttp.ClientError:  # an idle connection may be closed while the next request is on its way
            self.cut_off += 1
            return 0.1

    def _heard(self, key: str, reply: aiohttp.ClientResponse, answer: dict[str, str]) -> float | None:
        if reply.status < 300:
            self.fleet.clients.heard.accepted(key, answer["id"])
            return None
        self.refused += 1
        after = reply.headers.get("Retry-After", "")
        if reply.status != 503 or not after.isdigit():
            self.unannounced.append(f"{key}: {reply.status} {answer}")
        return float(after or 1)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Seconds count from the first request; ``most_memory`` is in bytes."""

    acknowledged: int
    refused: int
    cut_off: int
    unannounced: tuple[str, ...]
    accepting: float
    finishing: float
    most_memory: int
    verdict: Verdict

    def text(self) -> str:
        """The report as it is printed."""
        lines = [
            f"acknowledged: {self.acknowledged}, refused for now: {self.refused}, cut off: {self.cut_off}",
            f"refused without a time to come again: {len(self.unannounced)}",
            f"seconds until all were accepted: {self.accepting:.1f}, until all were done: {self.finishing:.1f}",
            f"most memory of the server: {self.most_memory / 1e6:.0f} MB",
            f"violations: {len(self.verdict.violations)}",
        ]
        return "\n".join([*lines, *self.unannounced[:5], *self.verdict.violations[:20]])


async def burst(folder: Path, plan: Plan, limits: Limits) -> Outcome:
    """Let all cases of the plan come at once to one server, wait for the last, and compare the ledgers."""
    settings = {"LEITSTAND_MOST_RUNNING": str(limits.running), "LEITSTAND_MOST_WAITING": str(limits.waiting)}
    async with fleet(folder, plan, change=_quick, join=False) as working:
        port = free_port()
        server = await working.join("one", port, Program(module="tests.faults.undisturbed"), **settings)
        crowd, began = Crowd(working, port), time.monotonic()
        await crowd.come(plan.cases)
        accepting = time.monotonic() - began
        async with asyncio.timeout(LONGEST):
            await _finished(working)
        finishing, most_memory = time.monotonic() - began, server.most_memory()
        print(f"accepted after {accepting:.1f} s, done after {finishing:.1f} s; the journals are read", flush=True)
        verdict = await working.judge()
    return Outcome(
        acknowledged=verdict.acknowledged,
        refused=crowd.refused,
        cut_off=crowd.cut_off,
        unannounced=tuple(crowd.unannounced),
        accepting=accepting,
        finishing=finishing,
        most_memory=most_memory,
        verdict=verdict,
    )


def _quick(definition: str) -> str:
    """Nobody reviews and little is checked: it is about how cases are taken in, kept and worked off."""
    for guard in ("citations", "facts", "injection"):
        definition = definition.replace(f'[[checks]]\nguard = "{guard}"\n', "")
    return definition.replace("sample_percent = 20.0", "sample_percent = 0.0").replace("delay_ms = 40", "delay_ms = 5")


async def _finished(working: Fleet) -> None:
    while True:
        left = await working.clients.send(working.session, "GET", f"/v1/cases?limit=1&{UNSETTLED}")
        if left and not left["cases"]:
            return
        await asyncio.sleep(0.2)


def main() -> int:
    """Run it, print the figures; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description="Let very many cases arrive at once.")
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--most-running", type=int, default=Limits.running)
    parser.add_argument("--most-waiting", type=int, default=Limits.waiting)
    given = parser.parse_args()
    limits = Limits(running=given.most_running, waiting=given.most_waiting)
    with tempfile.TemporaryDirectory(prefix="leitstand-burst-", ignore_cleanup_errors=True) as folder:
        outcome = asyncio.run(burst(Path(folder), Plan(store=given.store, cases=given.cases), limits))
    print(f"store: {given.store}, cases: {given.cases}, {limits}")
    print(outcome.text())
    return 1 if outcome.verdict.violations or outcome.unannounced else 0


if __name__ == "__main__":
    sys.exit(main())
