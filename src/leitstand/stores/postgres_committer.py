"""How do many callers write to PostgreSQL? One task puts what waits into one statement and wakes all at once."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from leitstand.domain.errors import OperatorError, StoreUnusable
from leitstand.stores.postgres_connections import Connection, Server, fetch, hang_up
from leitstand.stores.postgres_errors import closed, is_lost, unusable

_log = logging.getLogger(__name__)

MOST_QUEUED = 4096
"""Callers beyond this many wait for a place in the queue."""

MOST_AT_ONCE = 512
"""Changes in one statement."""

PATIENCE = 5.0
"""Seconds for which those who wait let a server come back before they are told; who comes later is told at once."""

PAUSE = 0.1
"""Seconds between two tries."""


class Waiting(Protocol):
    """Something that wants to be written: no two of the same ``key`` are in one statement."""

    @property
    def key(self) -> str:
        """The case that it changes."""


W = TypeVar("W", bound=Waiting)
R = TypeVar("R")
W_contra = TypeVar("W_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class Unknown:
    """Of a change whose outcome nobody heard, nothing is there."""


UNKNOWN = Unknown()

Entry = tuple[W, asyncio.Future[R]]


class Writes(Protocol[W_contra, R_co]):
    """What a committer does with a batch; each returns an outcome for each of the batch, in its order."""

    async def write(self, connection: Connection, batch: Sequence[W_contra]) -> Sequence[R_co | Exception]:
        """Write the batch in one transaction: all of it except what is refused, or nothing when this raises."""

    async def find(self, connection: Connection, batch: Sequence[W_contra]) -> Sequence[R_co | Unknown]:
        """What became of a batch whose outcome nobody heard; ``UNKNOWN`` where nothing of it is there."""


class Committer(Generic[W, R]):
    """Owns one connection; ``run`` returns once the statement with the change is durable.

    ``commits`` counts statements, ``writes`` the changes in them. A server that goes away in the middle is asked, when
    it is back and has forgotten the connection, what it has kept.
    """

    def __init__(self, server: Server, writes: Writes[W, R], most_queued: int = MOST_QUEUED) -> None:
        self._server = server
        self._writes = writes
        self._waiting: list[tuple[W, asyncio.Future[R]]] = []
        self._places = asyncio.Semaphore(most_queued)
        self._wake = asyncio.Event()
        self._closed = False
        self._connection: Connection | None = None
        self._backend: tuple[int, object] | None = None
        self._away_since: float | None = None
        self.commits = 0
        self.writes = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Changes that wait for a statement."""
        return len(self._waiting)

    async def run(self, change: W) -> R:
        """The outcome, durable; raises the refusal, or ``StoreUnusable``."""
        if self._closed:
            raise closed(self._server.name)
        self._task = self._task or asyncio.create_task(self._serve())
        async with self._places:
            future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
            self._waiting.append((change, future))
            self._wake.set()
            return await future

    async def close(self) -> None:
        """Finish what is queued and hang up."""
        self._closed = True
        self._wake.set()
        if self._task:
            await self._task
        if self._connection:
            await hang_up(self._connection)

    async def _serve(self) -> None:
        while self._waiting or not self._closed:
            await self._wake.wait()
            if not self._closed:
                self._wake.clear()
            await asyncio.sleep(0)  # everything that this turn of the loop wants written shares the statement
            while self._waiting:
                await self._settle(self._drained())

    def _drained(self) -> list[Entry[W, R]]:
        """The next batch; a second change of the same case waits for the next one."""
        first = self._waiting[:MOST_AT_ONCE]
        batch: dict[str, Entry[W, R]] = {}
        self._waiting[:MOST_AT_ONCE] = [entry for entry in first if batch.setdefault(entry[0].key, entry) is not entry]
        return list(batch.values())

    async def _settle(self, batch: list[Entry[W, R]]) -> None:
        """Write the batch and wake its callers; wait for a server that is away, but not for ever."""
        doubtful = False
        while batch:
            try:
                connection = await self._connected()
                if doubtful:
                    batch = _delivered(batch, await self._writes.find(connection, [change for change, _ in batch]))
                    doubtful = False
                    continue
                outcomes = await self._writes.write(connection, [change for change, _ in batch])
            except Exception as error:  # noqa: BLE001  the task must outlive every change
                if is_lost(error):
                    doubtful = True
                    self._lose()
                if await self._is_over(batch, unusable(self._server.name, error)):
                    return
            else:
                self.commits += 1
                self.writes += len(batch)
                self._away_since = None
                batch = _delivered(batch, outcomes)

    async def _is_over(self, batch: list[Entry[W, R]], refusal: Exception) -> bool:
        """Whether the batch is not to be tried again as it is: patience is over, or one of its changes breaks it."""
        if isinstance(refusal, OperatorError):
            now = time.monotonic()
            self._away_since = self._away_since or now
            if not self._closed and now - self._away_since < PATIENCE:
                await asyncio.sleep(PAUSE)
                return False
        elif len(batch) > 1:
            for entry in batch:
                await self._settle([entry])
            return True
        _log.error("%s writes to %s failed: %s", len(batch), self._server.name, refusal)
        _delivered(batch, [refusal] * len(batch))
        return True

    async def _connected(self) -> Connection:
        """The connection; a new one is used only after the server has forgotten the lost one."""
        if self._connection is None or self._connection.is_closed():
            connection = await self._server.connect("writes")
            try:
                await self._forget_lost(connection)
                (row,) = await fetch(connection, "backend")
            except BaseException:
                connection.terminate()
                raise
            self._connection, self._backend = connection, (row["pid"], row["backend_start"])
        return self._connection

    async def _forget_lost(self, connection: Connection) -> None:
        """End what the lost connection may still be doing: what is not there after that never will be."""
        if self._backend:
            pid, start = self._backend
            rows = await fetch(connection, "end_backend", pid=pid, backend_start=start)
            if not all(row["ended"] for row in rows):
                detail, way_out = "it still works on a lost connection", "Look into the log of the server."
                raise StoreUnusable(path=self._server.name, detail=detail, way_out=way_out)
            self._backend = None

    def _lose(self) -> None:
        if self._connection:
            self._connection.terminate()
            self._connection = None


def _delivered(batch: list[Entry[W, R]], outcomes: Sequence[R | Exception | Unknown]) -> list[Entry[W, R]]:
    """Wake who waits for the outcomes; returns those whose outcome is not known."""
    left = []
    for (change, future), outcome in zip(batch, outcomes, strict=True):
        if isinstance(outcome, Unknown):
            left.append((change, future))
        elif future.done():
            continue
        elif isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
    return left
