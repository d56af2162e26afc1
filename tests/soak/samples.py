"""How large is each process right now, as the kernel, PostgreSQL and the process itself say?"""

import asyncio
import itertools
import re
import time
from collections import Counter, defaultdict
from pathlib import Path

import aiohttp
from tests.chaos.clients import PATIENCE
from tests.chaos.fleet import Fleet
from tests.chaos.processes import Process

from leitstand.testing.postgres_server import PostgresServer

KIB_IN_MIB = 1024
SHORTLY = 0.02
"""Of a pause."""
SHARED = ("files", "sockets")
"""Counted over all processes: at which of them the callers' connections are is chance."""

Series = dict[str, list[tuple[float, float]]]
"""Name to seconds since the start and value."""

_TASKS = re.compile(r"^leitstand_tasks (\S+)", re.MULTILINE)
_CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'leitstand%'",
    "SELECT sum(pg_database_size(datname)) FROM pg_database WHERE datname LIKE 'test_%'",
)


class Sampler:
    """Looks at a fleet again and again."""

    def __init__(self, working: Fleet, session: aiohttp.ClientSession) -> None:
        self.series: Series = defaultdict(list)
        self.missed = 0
        self._working = working
        self._session = session
        self._began = time.monotonic()

    async def go_on(self, pause: float) -> None:
        """Take a sample shortly before the end of every pause, for ever."""
        began = time.monotonic()
        for number in itertools.count(1):
            await asyncio.sleep(max(began + (number - SHORTLY) * pause - time.monotonic(), 0.0))
            await self._sample()

    async def _sample(self) -> None:
        now = time.monotonic() - self._began
        shared = Counter[str]()
        for process in self._working.processes:
            values = await asyncio.to_thread(measured, process)
            values["tasks"] = await self._tasks(process)
            shared.update({name: values.pop(name) for name in SHARED})
            for name, value in values.items():
                if value is not None:
                    self.series[f"{process.name}: {name}"].append((now, value))
        for name in SHARED:
            self.series[f"all: {name}"].append((now, shared[name]))
        connections, size = await asyncio.to_thread(self._database)
        if connections is not None:
            self.series["database: connections"].append((now, connections))
        if cases := len(self._working.clients.heard.cases):
            self.series["database: KiB a case"].append((now, size / 1024 / cases))

    async def _tasks(self, process: Process) -> float | None:
        """What it says of itself; None when it has no answer, as while its database is frozen."""
        try:
            address = f"http://127.0.0.1:{process.port}/metrics"
            async with self._session.get(address, timeout=PATIENCE) as reply:
                found = _TASKS.search(await reply.text())
                return float(found[1]) if found else None
        except (aiohttp.ClientError, TimeoutError):
            self.missed += 1
            return None

    def _database(self) -> tuple[int | None, float]:
        """Connections, and bytes on the disk."""
        server: PostgresServer | None = self._working.database
        if server is None:
            return None, sum(file.stat().st_size for file in (self._working.folder / "data-one").glob("leitstand.db*"))
        connections, size = server.sql(*_CONNECTIONS).split()
        return int(connections), float(size)


def measured(process: Process) -> dict[str, float | None]:
    """Memory, files, sockets and threads of a process."""
    place = Path(f"/proc/{process.pid}")
    memory = dict(line.split(":", 1) for line in (place / "smaps_rollup").read_text().splitlines()[1:])
    status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
    files = list(_links(place / "fd"))
    return {
        "RSS MiB": int(memory["Rss"].split()[0]) / KIB_IN_MIB,
        "PSS MiB": int(memory["Pss"].split()[0]) / KIB_IN_MIB,
        "files": len(files),
        "sockets": sum(target.startswith("socket:") for target in files),
        "threads": int(status["Threads"]),
    }


def _links(folder: Path) -> list[str]:
    """Where its open files lead; one that was closed meanwhile is none any more."""
    found = []
    for link in folder.iterdir():
        try:
            found.append(str(link.readlink()))
        except FileNotFoundError:
            continue
    return found
