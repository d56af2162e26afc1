"""How is a server killed again and again under load, and what is found afterwards?"""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from tests.chaos.ledgers import Acknowledged, Verdict, judge
from tests.chaos.marks import Marks
from tests.chaos.server import PERSON

CLIENTS = 40
LEAST_IN_FLIGHT = 16
START_SECONDS = 60.0
SETTLE_SECONDS = 120
UNSETTLED = "status=open&status=delivering&status=review&status=escalated"


@dataclass
class Outcome:
    """What a run of the chaos came to."""

    kills: int = 0
    kill_points: Counter[str] = field(default_factory=Counter)
    in_flight: list[int] = field(default_factory=list)
    verdict: Verdict | None = None

    def text(self) -> str:
        """The report as it is printed."""
        assert self.verdict
        points = ", ".join(f"{step} {count}" for step, count in self.kill_points.most_common())
        verdict, mean = self.verdict, sum(self.in_flight) / len(self.in_flight)
        flight = f"least {min(self.in_flight)}, mean {mean:.1f}, most {max(self.in_flight)}"
        taken = f"acknowledged: {verdict.acknowledged}, effects taken: {verdict.effects}"
        lines = [
            f"kills: {self.kills}, cases in flight at a kill: {flight}",
            f"kill points (cases in a step when it died): {points}",
            f"{taken}, attempts repeated under their key: {verdict.repeated_attempts}",
            f"violations: {len(verdict.violations)}",
        ]
        return "\n".join([*lines, *verdict.violations[:20]])


class Chaos:
    """A server that is killed, a receiver that is not, and clients that repeat what was not answered."""

    def __init__(self, folder: Path, *, kills: int, seed: int) -> None:
        self._folder = folder
        self._kills = kills
        self._random = random.Random(seed)
        self._port, self._effects_port = free_port(), free_port()
        self._address = f"http://127.0.0.1:{self._port}"
        self._marks = Marks(folder / "marks")
        self._heard = Acknowledged()
        self._outcome = Outcome()
        self._asking = True
        self._number = 0

    async def run(self) -> Outcome:
        """Kill as often as asked, let everything come to an end, and compare the ledgers."""
        workflow = self._workflow()
        async with self._receiver(), aiohttp.ClientSession() as session:
            clients = [asyncio.create_task(self._client(session)) for _ in range(CLIENTS)]
            reviewing = asyncio.create_task(self._reviewer(session))
            for _ in range(self._kills):
                server = await self._start(workflow)
                await self._let_work()
                self._kill(server)
                await server.wait()
                self._count()
            self._asking = False
            server = await self._start(workflow)
            await asyncio.gather(*clients)
            cases = await self._settled(session)
            reviewing.cancel()
            self._kill(server)
            await server.wait()
        self._outcome.verdict = judge(self._heard, self._folder / "effects.jsonl", cases)
        return self._outcome

    def _workflow(self) -> Path:
        copy = self._folder / "workflow"
        shutil.copytree(Path(__file__).with_name("workflow"), copy)
        definition = copy / "workflow.toml"
        definition.write_text(definition.read_text().replace("127.0.0.1:0", f"127.0.0.1:{self._effects_port}"))
        return copy

    @asynccontextmanager
    async def _receiver(self) -> AsyncIterator[None]:
        ledger = self._folder / "effects.jsonl"
        ledger.touch()
        arguments = ("-m", "leitstand.testing.receiver", "--port", str(self._effects_port), "--ledger", str(ledger))
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
        try:
            yield
        finally:
            process.kill()
            await process.wait()

    async def _start(self, workflow: Path) -> asyncio.subprocess.Process:
        """A server in a process group of its own; returns when it is ready."""
        self._marks.clear()
        arguments = (str(self._folder / "data"), str(self._port), str(workflow), str(self._folder / "marks"))
        with (self._folder / "server.log").open("ab") as log:
            server = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.chaos.server",
                *arguments,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        assert server.stdout
        async with asyncio.timeout(START_SECONDS):
            line = await server.stdout.readline()
        if line.strip() != b"ready":
            raise RuntimeError(f"the server did not start: {(self._folder / 'server.log').read_text()[-2000:]}")
        return server

    async def _let_work(self) -> None:
        """Until enough is under way, and then a little longer, so that each kill meets another moment."""
        async with asyncio.timeout(START_SECONDS):
            while self._marks.count().total() < LEAST_IN_FLIGHT:
                await asyncio.sleep(0.01)
        await asyncio.sleep(self._random.uniform(0, 1.2))
        async with asyncio.timeout(START_SECONDS):
            while self._marks.count().total() < LEAST_IN_FLIGHT:
                await asyncio.sleep(0.001)

    def _kill(self, server: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)

    def _count(self) -> None:
        points = self._marks.count()
        self._outcome.kills += 1
        self._outcome.kill_points += points
        self._outcome.in_flight.append(points.total())
        if self._outcome.kills % 25 == 0:
            print(f"{self._outcome.kills} kills, {len(self._heard.cases)} cases acknowledged", flush=True)

    async def _client(self, session: aiohttp.ClientSession) -> None:
        """Open case after case; a request that was not answered is sent again under its key."""
        while self._asking:
            self._number += 1
            number = self._number
            body = {"input": {"question": f"When does the harbour close? ({number})", "number": number}}
            key = f"chaos-{number}"
            while (reply := await self._send(session, "POST", "/v1/workflows/chaos/cases", body, key)) is None:
                await asyncio.sleep(0.02)
            self._heard.accepted(key, str(reply["id"]))

    async def _reviewer(self, session: aiohttp.ClientSession) -> None:
        """Decide on whatever waits; every fifth is rejected, and what was killed too often in its draft to have one."""
        while True:
            waiting = await self._send(session, "GET", "/v1/cases?status=review&status=escalated&limit=50") or {}
            for case in waiting.get("cases", ()):  # type: ignore[attr-defined]
                reject = int(case["number"]) % 5 == 0 or not case["draft"]
                decision = {"decision": "reject", "reason": "wrong"} if reject else {"decision": "accept"}
                path = f"/v1/cases/{case['id']}/decision"
                if await self._send(session, "POST", path, {**decision, "draft": case["draft"]}) is not None:
                    self._heard.decided(case["id"], decision["decision"])
            await asyncio.sleep(0.05)

    async def _send(
        self, session: aiohttp.ClientSession, method: str, path: str, body: object = None, key: str = ""
    ) -> dict[str, object] | None:
        """The answer of the server; None when there was none, or when it says that it cannot yet."""
        headers = {"Leitstand-Person": PERSON, **({"Idempotency-Key": key} if key else {})}
        try:
            async with session.request(method, self._address + path, json=body, headers=headers) as reply:
                answer: dict[str, object] = await reply.json(content_type=None)
                return answer if reply.status < 300 else None
        except (aiohttp.ClientError, OSError, ValueError):
            return None

    async def _settled(self, session: aiohttp.ClientSession) -> list[dict[str, object]]:
        """All cases, once none is under way or waiting any more; what is stuck after a while is for the judge."""
        for _ in range(SETTLE_SECONDS * 2):
            left = await self._send(session, "GET", f"/v1/cases?limit=1&{UNSETTLED}")
            if left and not left["cases"]:
                break
            await asyncio.sleep(0.5)
        return await self._all_cases(session)

    async def _all_cases(self, session: aiohttp.ClientSession) -> list[dict[str, object]]:
        cases: list[dict[str, object]] = []
        before = ""
        while True:
            page = await self._send(session, "GET", f"/v1/cases?limit=200{before}")
            if not page:
                raise RuntimeError("the server does not list its cases")
            found: list[dict[str, object]] = page["cases"]  # type: ignore[assignment]
            cases += found
            if len(found) < 200:
                return cases
            before = f"&before={found[-1]['id']}"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
