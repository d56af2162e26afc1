"""How does blocking code ask PostgreSQL through a driver that never blocks? A thread of its own runs the driver's loop.

Retrievers are asked from several threads and answer when they have the answer; asyncpg wants one event loop. All
databases share the thread; each has its own few connections, closed when the last index that uses them is gone.
"""

import asyncio
import threading
import weakref
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TypeVar
from urllib.parse import urlsplit

from leitstand.domain.errors import IndexUnusable, Phrase, translatable

try:
    import asyncpg
except ImportError as error:
    raise ImportError("pip install 'leitstand[postgres]'") from error

Found = TypeVar("Found")

_MOST_CONNECTIONS = 8
_CONNECT_SECONDS = 10.0
_BROKEN = (
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidCachedStatementError,
    asyncpg.InterfaceError,
    OSError,
    EOFError,
)
"""The connection is gone, or what it knew, as after a restart of the server; a reader asks once more on another one."""
_AT_WORK = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, EOFError, TimeoutError, ValueError)


class Session:
    """One connection, in the hands of one thread."""

    def __init__(self, connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]") -> None:
        self._connection = connection

    def fetch(self, sql: str, *values: object, seconds: float | None = None) -> list[asyncpg.Record]:
        """All rows."""
        return _wait(self._connection.fetch(sql, *values, timeout=seconds))

    def run(self, sql: str, *values: object) -> None:
        """Run one statement, or several without values."""
        _wait(self._connection.execute(sql, *values))

    def copy(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Add rows to a table of our schema, all columns in their order."""
        _wait(self._connection.copy_records_to_table(table, schema_name=SCHEMA, records=rows))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside or nothing."""
        transaction = self._connection.transaction()
        _wait(transaction.start())
        try:
            yield
        except BaseException:
            _wait(transaction.rollback())
            raise
        _wait(transaction.commit())


SCHEMA = "leitstand_index"


class Database:
    """The connections to one database."""

    def __init__(self, url: str) -> None:
        self.name = _name(url)
        with self._errors():
            self._pool = _wait(_pool(url))
        weakref.finalize(self, _loop().call_soon_threadsafe, self._pool.terminate)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A connection for several statements; whatever fails raises ``IndexUnusable``."""
        with self._errors(), self._session() as session:
            yield session

    def ask(self, question: Callable[[Session], Found]) -> Found:
        """What reading finds; asked once more when the connection broke. Raises ``IndexUnusable``."""
        with self._errors():
            try:
                with self._session() as session:
                    return question(session)
            except _BROKEN:
                with self._session() as session:
                    return question(session)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        connection = _wait(self._pool.acquire(timeout=_CONNECT_SECONDS))
        try:
            yield Session(connection)
        finally:
            _wait(self._pool.release(connection))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (asyncpg.FeatureNotSupportedError, asyncpg.UndefinedObjectError) as error:
            raise self._without_pgvector(error) from error
        except _AT_WORK as error:
            way_out = translatable(
                "Check the server, LEITSTAND_DATABASE_URL and the rights of its user, then start again."
            )
            raise IndexUnusable(path=self.name, detail=_detail(error), way_out=way_out) from error

    def _without_pgvector(self, error: Exception) -> IndexUnusable:
        way_out = Phrase(
            translatable("Install pgvector on the server and run {command} in the database, or set {setting}."),
            command="CREATE EXTENSION vector",
            setting='retrieval.embedder = "none"',
        )
        return IndexUnusable(path=self.name, detail=_detail(error), way_out=way_out)


_databases: "weakref.WeakValueDictionary[str, Database]" = weakref.WeakValueDictionary()
_opening = threading.Lock()


def database(url: str) -> Database:
    """The connections to the database at ``url``, shared by all indexes of this process."""
    with _opening:
        there = _databases.get(url)
        if there is None:
            there = _databases[url] = Database(url)
        return there


async def _pool(url: str) -> "asyncpg.Pool[asyncpg.Record]":
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=_MOST_CONNECTIONS,
        timeout=_CONNECT_SECONDS,
        server_settings={"application_name": "leitstand retrieval", "default_transaction_isolation": "read committed"},
    )


def _wait(answer: Awaitable[Found]) -> Found:
    async def answered() -> Found:
        return await answer

    return asyncio.run_coroutine_threadsafe(answered(), _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="postgres-retrieval", daemon=True).start()
    return loop


def _detail(error: BaseException) -> str:
    """What happened, without the server's own hints: ours follow."""
    return str(error).partition("\n")[0] or type(error).__name__


def _name(url: str) -> str:
    """The address without what nobody should read."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'PostgreSQL'}{f':{parts.port}' if parts.port else ''}{parts.path}"
