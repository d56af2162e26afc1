"""How is the file read while it is written? On threads, over connections that cannot write."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from leitstand.stores.sqlite_errors import closed, unusable
from leitstand.stores.sqlite_file import open_for_reading

T = TypeVar("T")

THREADS = 4


class Reader:
    """A few threads, each reading over a connection that is its own while it reads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="leitstand-reader")
        self._closed = False
        self._idle: list[sqlite3.Connection] = []

    async def run(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """What ``read`` makes of the newest committed state; raises ``StoreUnusable``."""
        if self._closed:
            raise closed(self._path)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, read)

    async def rows(self, statement: str, values: object) -> list[sqlite3.Row]:
        """All rows of one statement."""
        return await self.run(lambda connection: connection.execute(statement, values).fetchall())  # type: ignore[arg-type]

    async def close(self) -> None:
        """Finish reading and close the connections."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        while self._idle:
            self._idle.pop().close()

    def _run(self, read: Callable[[sqlite3.Connection], T]) -> T:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = open_for_reading(self._path)
        try:
            return read(connection)
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error
        finally:
            self._idle.append(connection)
