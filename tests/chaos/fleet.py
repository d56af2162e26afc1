"""What do all trials under load share: processes on one database, a receiver, clients, and a judgement at the end?"""

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from tests.chaos.clients import Clients
from tests.chaos.journals import Journals, read_journals
from tests.chaos.ledgers import Verdict, judge
from tests.chaos.plan import Plan
from tests.chaos.processes import SERVER, Process, Program, receiver

from leitstand.testing.ports import free_port
from leitstand.testing.postgres_server import PostgresServer

STUCK_SECONDS = 90
UNSETTLED = "status=open&status=delivering&status=review&status=escalated"
WORKFLOW = Path(__file__).with_name("workflow")


class Fleet:
    """Running processes, a receiver that is never hurt, and clients that repeat what was not answered."""

    program = SERVER
    callers: type[Clients] = Clients
    outside = staticmethod(receiver)

    def __init__(self, folder: Path, plan: Plan, session: aiohttp.ClientSession, shared: Mapping[str, str]) -> None:
        self.folder = folder
        self.workflow = folder / "workflow"
        self.shared = dict(shared)
        self.processes: list[Process] = []
        self.allowed = float(plan.cases)
        self.ports: list[int] = []
        self.clients = self.callers(self.ports, plan.cases, lambda: self.allowed)
        self.settling = 0.0
        self.journals = Journals()
        self.database: PostgresServer | None = None
        self.session = session
        self._plan = plan

    @property
    def alive(self) -> list[Process]:
        """The processes that run and are not frozen."""
        return [one for one in self.processes if one.alive]

    async def join(self, name: str, port: int, program: Program | None = None, **settings: str) -> Process:
        """One more process, with settings of its own; returns when it is ready."""
        process = Process(self.folder, name, port, {**self.shared, **settings}, program or self.program)
        await process.start(self.workflow)
        self.processes.append(process)
        if port:
            self.ports.append(port)
        return process

    @asynccontextmanager
    async def load(self) -> AsyncIterator[None]:
        """Clients ask for all cases and a reviewer decides, while the block does harm; then everything settles."""
        asking = asyncio.create_task(self.clients.ask(self.session))
        reviewing = asyncio.create_task(self.clients.review(self.session))
        try:
            yield
            await asking
            await self._settle()
        finally:
            asking.cancel()
            reviewing.cancel()
            await asyncio.gather(asking, reviewing, return_exceptions=True)

    async def _settle(self) -> None:
        """Until none is under way or waiting any more; what does not move for a while is stuck, for the judge."""
        began = moved = time.monotonic()
        done = -1
        while time.monotonic() - moved < STUCK_SECONDS:
            left = await self.unsettled(1)
            if left == 0:
                break
            if self.finished != done:
                done, moved = self.finished, time.monotonic()
            await asyncio.sleep(0.5)
        self.settling = time.monotonic() - began

    @property
    def finished(self) -> int:
        """What has come to an end so far, as the world outside sees it: bytes of effects, and decisions."""
        return (self.folder / "effects.jsonl").stat().st_size + len(self.clients.heard.decisions)

    async def unsettled(self, most: int) -> int | None:
        """How many cases have not ended, counting no further than ``most``; None when nobody answers."""
        left = await self.clients.send(self.session, "GET", f"/v1/cases?limit={most}&{UNSETTLED}")
        return None if left is None else len(left["cases"])  # type: ignore[arg-type]

    async def judge(self) -> Verdict:
        """What the ledgers outside and the journals inside say: nothing missing, twice, out of order or stuck."""
        self.journals = await read_journals(self._plan.settings(self.folder, self.shared))
        verdict = judge(self.clients.heard, self.folder / "effects.jsonl", self.journals.cases.values())
        return Verdict(
            violations=(*self.journals.violations, *verdict.violations),
            acknowledged=verdict.acknowledged,
            effects=verdict.effects,
            repeated_attempts=verdict.repeated_attempts,
        )


@asynccontextmanager
async def fleet(
    folder: Path, plan: Plan, *, change: Callable[[str], str] = str, join: bool = True, kind: type[Fleet] = Fleet
) -> AsyncIterator[Fleet]:
    """A fleet as planned, everything started; ``change`` rewrites the workflow's definition first."""
    effects, port = folder / "effects.jsonl", free_port()
    effects.touch()
    shutil.copytree(WORKFLOW, folder / "workflow")
    definition = folder / "workflow" / "workflow.toml"
    definition.write_text(change(definition.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}")))
    with plan.database(folder) as (shared, server):
        async with kind.outside(port, effects), aiohttp.ClientSession() as session:
            made = kind(folder, plan, session, shared)
            made.database = server
            try:
                for name, number in plan.processes if join else ():
                    await made.join(name, number)
                yield made
            finally:
                for process in made.processes:
                    with contextlib.suppress(AssertionError):
                        await process.kill()
