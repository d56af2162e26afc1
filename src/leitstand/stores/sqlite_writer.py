"""How do many callers write to one file? What waits is put into one transaction, and all are woken at once.

Statements run on the event loop, where each takes microseconds; only the commit, which waits for the disk, runs on a
thread. Statements on a thread would fight the loop for the interpreter at every row.
"""

import asyncio
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from leitstand.domain.errors import LeitstandError, StoreUnusable, translatable
from leitstand.stores.sqlite_errors import closed, unusable
from leitstand.stores.sqlite_queries import SQL

_log = logging.getLogger(__name__)

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]
"""Executes statements; raises a ``LeitstandError`` to refuse, and must not have written anything by then."""

_Waiting = tuple[Operation[Any], "asyncio.Future[Any]"]
_Outcome = tuple["asyncio.Future[Any]", Any, Exception | None]

MOST_QUEUED = 4096
"""Callers beyond this many wait for a place in the queue."""

MOST_AT_ONCE = 128
"""Operations in one transaction: the loop does nothing else while it executes them."""

LONGEST_RIDE = 0.05
"""Seconds that an operation waits at most for a transaction to ride in."""

PATIENCE = 5.0
"""Seconds to wait while another program holds the file locked."""


class Writer:
    """Owns the one connection that writes.

    ``run`` returns once the transaction with the operation is durable. ``commits`` counts transactions,
    ``operations`` what they held.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, most_queued: int = MOST_QUEUED) -> None:
        self._connection = connection
        self._path = path
        self._waiting: deque[_Waiting] = deque()
        self._most_queued = most_queued
        self._has_room = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="leitstand-writer")
        self._closed = False
        self.patience = PATIENCE
        self.commits = 0
        self.operations = 0

    async def run(self, operation: Operation[T]) -> T:
        """The result of the operation, durable; raises its refusal, or ``StoreUnusable``."""
        while len(self._waiting) >= self._most_queued and not self._closed:
            self._has_room.clear()
            await self._has_room.wait()
        if self._closed:
            raise closed(self._path)
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((operation, future))
        self._start()
        return await future

    def ride(self, operation: Operation[object]) -> None:
        """Put an operation into the next transaction that somebody waits for, or before long into one of its own."""
        if self._closed:
            raise closed(self._path)
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        future.add_done_callback(_log_refusal)
        self._waiting.append((operation, future))
        loop.call_later(LONGEST_RIDE, self._start)

    def figures(self) -> dict[str, float]:
        """Transactions, the operations in them, and the operations that wait for one."""
        return {"commits": self.commits, "writes": self.operations, "writes_waiting": len(self._waiting)}

    async def close(self) -> None:
        """Finish what is queued and close the file."""
        if self._closed:
            return
        self._closed = True
        self._start()
        if self._writing:
            await self._writing
        # Closing the last connection folds the log into the file.
        await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown()

    def _start(self) -> None:
        """It begins with the next turn of the loop, so that everything this turn wants written shares a commit."""
        if self._waiting and self._writing is None:
            self._writing = asyncio.create_task(self._write_all())

    async def _write_all(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
            self._has_room.set()
            for future, result, error in await self._write(batch):
                if future.done():
                    continue
                if error is None:
                    future.set_result(result)
                else:
                    future.set_exception(error)
        self._writing = None

    async def _write(self, batch: list[_Waiting]) -> list[_Outcome]:
        """Commit the batch; when it breaks, each operation alone, so that only the guilty one fails."""
        try:
            await self._begin()
        except sqlite3.Error as error:
            return self._failed(batch, error)
        try:
            return await self._commit(batch)
        except Exception as error:  # noqa: BLE001  writing must go on after every operation
            self._roll_back()
            if len(batch) > 1:
                return [outcome for waiting in batch for outcome in await self._write([waiting])]
            return self._failed(batch, error)

    async def _begin(self) -> None:
        """Begin a transaction; the loop goes on while another program holds the file."""
        until = time.monotonic() + self.patience
        while True:
            try:
                self._connection.execute(SQL["begin"])
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
                await asyncio.sleep(0.02)
            else:
                return

    async def _commit(self, batch: list[_Waiting]) -> list[_Outcome]:
        before = self._connection.total_changes
        outcomes: list[_Outcome] = []
        for operation, future in batch:
            try:
                outcomes.append((future, operation(self._connection), None))
            except LeitstandError as refusal:
                outcomes.append((future, None, refusal))
        if self._connection.total_changes == before:
            self._connection.execute("COMMIT")
        else:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.execute, "COMMIT")
        self.commits += 1
        self.operations += len(batch)
        return outcomes

    def _failed(self, batch: list[_Waiting], error: Exception) -> list[_Outcome]:
        shown = unusable(self._path, error) if isinstance(error, sqlite3.Error) else error
        _log.error("%s writes to %s failed: %s", len(batch), self._path, error)
        return [(future, None, shown) for _, future in batch]

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            _log.exception("a transaction on %s could not be rolled back", self._path)


def _log_refusal(future: "asyncio.Future[Any]") -> None:
    if not future.cancelled() and (error := future.exception()):
        _log.error("a write that nobody waited for failed: %s", error)


READ_ONLY = translatable("it is open for reading only")
SEND = translatable("Send the command to the server that owns it.")


class NoWriter:
    """Stands in for the writer where the file is only read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def run(self, operation: Operation[T]) -> T:  # noqa: ARG002  same shape as the writer's
        """Raises ``StoreUnusable``."""
        raise StoreUnusable(path=self._path, detail=READ_ONLY, way_out=SEND)

    def ride(self, operation: Operation[object]) -> None:  # noqa: ARG002  same shape as the writer's
        """Raises ``StoreUnusable``, like ``run``."""
        raise StoreUnusable(path=self._path, detail=READ_ONLY, way_out=SEND)
