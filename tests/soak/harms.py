"""What befalls the servers of a soak at intervals, and who else looks at them?"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
from tests.chaos.clients import PATIENCE
from tests.chaos.fleet import Fleet
from tests.chaos.plan import LEASE_SECONDS
from tests.chaos.server import PERSON
from tests.soak.plan import SoakPlan

BACKENDS = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'leitstand%'"
PAGES = ("/", "/inbox", "/inbox/news", "/cases", "/review", "/sign-in", "/openapi.json", "/v1/workflows")
COOKIES = {"leitstand_person": PERSON}

DATABASE = ("database: backends terminated", "database: frozen")
CHATS = ("chat: whole", "chat: stream", "chat: stream left")
OTHERS = ("release activated", "metrics scraped", "page loaded", *CHATS)


TRIES = 3
"""A person repeats a command that a fault of the database met."""


class Harms:
    """Runs for as long as a soak lasts; counts what was delivered, and keeps what should not have been answered."""

    def __init__(self, working: Fleet, plan: SoakPlan, session: aiohttp.ClientSession) -> None:
        self.delivered: Counter[str] = Counter()
        self.violations: list[str] = []
        self.chats: list[str] = []
        self._working = working
        self._plan = plan
        self._session = session
        self._turn = 0

    async def go_on(self) -> None:
        """All of it, for ever."""
        async with asyncio.TaskGroup() as group:
            for pause, harm in self._all():
                group.create_task(self._repeat(self._plan.every(pause), harm))

    def _all(self) -> Iterator[tuple[float, Callable[[], Awaitable[None]]]]:
        yield 20, self._activate
        yield 5, self._scrape
        yield 1, self._load_page
        yield 0.5, self._chat
        if self._plan.store == "postgres":
            yield 30, self._terminate
            yield 60, self._freeze

    async def _repeat(self, pause: float, harm: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(pause)
            await harm()

    def _address(self) -> str:
        self._turn += 1
        return f"http://127.0.0.1:{self._working.ports[self._turn % len(self._working.ports)]}"

    async def _terminate(self) -> None:
        """Half a minute is long enough to get over it."""
        assert self._working.database
        count = await asyncio.to_thread(self._working.database.sql, BACKENDS)
        self.delivered[DATABASE[0]] += int(count) > 0

    async def _freeze(self) -> None:
        """For less than a lease, so that nobody loses a case."""
        assert self._working.database
        try:
            await asyncio.to_thread(self._working.database.freeze)
            await asyncio.sleep(LEASE_SECONDS / 4)
        finally:
            await asyncio.to_thread(self._working.database.thaw)
        self.delivered[DATABASE[1]] += 1

    async def _activate(self) -> None:
        """The same workflow with another word in its prompt: a release that no process has seen before."""
        prompt = self._working.workflow / "prompt.md"
        number = self.delivered[OTHERS[0]] + 1
        prompt.write_text(f"{prompt.read_text().splitlines()[0]}\n\nRelease {number}.\n")
        for _ in range(TRIES):
            code, said = await self._command("release", "add", str(self._working.workflow), "--activate")
            if not code:
                break
        else:
            self.violations.append(f"a release was not activated: {said[-200:]}")
        self.delivered[OTHERS[0]] += 1

    async def _command(self, *arguments: str) -> tuple[int, str]:
        """Exit code and messages of a command of ours."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "leitstand.cli", *arguments, "--data", str(self._data())),
            env=self._environment(),
            **_PIPES,
        )
        try:
            _, said = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return process.returncode or 0, said.decode()

    def _data(self) -> Path:
        return self._working.folder / "data-one"

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **self._working.shared}

    async def _scrape(self) -> None:
        await self._get("/metrics", OTHERS[1])

    async def _load_page(self) -> None:
        await self._get(PAGES[self.delivered[OTHERS[2]] % len(PAGES)], OTHERS[2])

    async def _get(self, path: str, kind: str) -> None:
        try:
            async with self._session.get(self._address() + path, cookies=COOKIES, timeout=PATIENCE) as reply:
                await reply.read()
                # while its connections are being made anew a server may say that it cannot yet
                if reply.status >= 400 and reply.status != 503:
                    self.violations.append(f"{path} was answered with {reply.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            self.violations.append(f"{path} was not answered: {type(error).__name__} {error}")
        self.delivered[kind] += 1

    async def _chat(self) -> None:
        kind = CHATS[self._turn % 3]
        body = {"model": "gateway", "messages": [{"role": "user", "content": "Hi"}], "stream": kind != CHATS[0]}
        address = f"{self._address()}/v1/chat/completions"
        try:
            async with self._session.post(address, data=json.dumps(body), headers=_JSON, timeout=PATIENCE) as reply:
                if case := reply.headers.get("leitstand-case"):
                    self.chats.append(case)
                await (reply.content.readany() if kind == CHATS[2] else reply.read())
                if kind == CHATS[2]:
                    reply.close()
        except (aiohttp.ClientError, TimeoutError):
            pass  # a stream may break off with its model
        self.delivered[kind] += 1


_JSON = {"Content-Type": "application/json"}
_PIPES = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
