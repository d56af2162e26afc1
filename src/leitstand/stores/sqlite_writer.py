"""How do many callers write to one file? One thread puts what waits into one transaction and wakes all at once."""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from leitstand.domain.errors import LeitstandError, StoreUnusable
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

MOST_AT_ONCE = 512
"""Operations in one transaction, give or take one turn of the loop."""


class Writer:
    """Owns the one connection that writes.

    ``run`` returns once the transaction with the operation is durable. ``commits`` counts transactions,
    ``operations`` what they held.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, most_queued: int = MOST_QUEUED) -> None:
        self._connection = connection
        self._path = path
        self._queue: queue.SimpleQueue[list[_Waiting] | None] = queue.SimpleQueue()
        self._turn: list[_Waiting] = []
        self._places = asyncio.Semaphore(most_queued)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self.commits = 0
        self.operations = 0
        self._thread = threading.Thread(target=self._serve, name="leitstand-writer", daemon=True)
        self._thread.start()

    async def run(self, operation: Operation[T]) -> T:
        """The result of the operation, durable; raises its refusal, or ``StoreUnusable``."""
        if self._closed:
            raise closed(self._path)
        self._loop = asyncio.get_running_loop()
        async with self._places:
            future: asyncio.Future[T] = self._loop.create_future()
            if not self._turn:
                self._loop.call_soon(self._hand_over)
            self._turn.append((operation, future))
            return await future

    def figures(self) -> dict[str, float]:
        """Transactions, the operations in them, and the operations that wait for one."""
        return {"commits": self.commits, "writes": self.operations, "writes_waiting": len(self._turn)}

    async def close(self) -> None:
        """Finish what is queued and close the file."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        """Everything that one turn of the loop wants written goes over at once, so that it shares a commit."""
        turn, self._turn = self._turn, []
        for start in range(0, len(turn), MOST_AT_ONCE):
            self._queue.put(turn[start : start + MOST_AT_ONCE])

    def _serve(self) -> None:
        going_on = True
        while going_on:
            batch, going_on = self._drain()
            if batch:
                self._wake(self._write(batch))
        # Closing the last connection folds the log into the file.
        self._connection.close()

    def _drain(self) -> tuple[list[_Waiting], bool]:
        batch: list[_Waiting] = []
        turn = self._queue.get()
        while turn is not None:
            batch.extend(turn)
            if len(batch) >= MOST_AT_ONCE or self._queue.empty():
                return batch, True
            turn = self._queue.get()
        return batch, False

    def _write(self, batch: list[_Waiting]) -> list[_Outcome]:
        """Commit the batch; when it breaks, each operation alone, so that only the guilty one fails."""
        try:
            self._connection.execute(SQL["begin"])
        except sqlite3.Error as error:
            return self._failed(batch, error)
        try:
            return self._commit(batch)
        except Exception as error:  # noqa: BLE001  the thread must outlive every operation
            self._roll_back()
            if len(batch) > 1:
                return [outcome for waiting in batch for outcome in self._write([waiting])]
            return self._failed(batch, error)

    def _failed(self, batch: list[_Waiting], error: Exception) -> list[_Outcome]:
        shown = unusable(self._path, error) if isinstance(error, sqlite3.Error) else error
        _log.error("%s writes to %s failed: %s", len(batch), self._path, error)
        return [(future, None, shown) for _, future in batch]

    def _commit(self, batch: list[_Waiting]) -> list[_Outcome]:
        outcomes: list[_Outcome] = []
        for operation, future in batch:
            try:
                outcomes.append((future, operation(self._connection), None))
            except LeitstandError as refusal:
                outcomes.append((future, None, refusal))
        self._connection.execute("COMMIT")
        self.commits += 1
        self.operations += len(batch)
        return outcomes

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            _log.exception("a transaction on %s could not be rolled back", self._path)

    def _wake(self, outcomes: list[_Outcome]) -> None:
        try:
            if self._loop:
                self._loop.call_soon_threadsafe(_deliver, outcomes)
        except RuntimeError:
            _log.warning("%s writes were done after everybody who waited for them had gone", len(outcomes))


class NoWriter:
    """Stands in for the writer where the file is only read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def run(self, operation: Operation[T]) -> T:  # noqa: ARG002  same shape as the writer's
        """Raises ``StoreUnusable``."""
        raise StoreUnusable(
            path=self._path,
            detail="it is open for reading only",
            way_out="Send the command to the server that owns it.",
        )


def _deliver(outcomes: list[_Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
