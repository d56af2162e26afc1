"""How does this process talk to PostgreSQL? Over few connections, each made anew when the server was away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import asyncpg

from leitstand.domain.errors import LeitstandError, SettingInvalid, StoreUnusable
from leitstand.stores.postgres_errors import LOST, closed, is_lost, shown, unusable
from leitstand.stores.postgres_queries import SQL
from leitstand.stores.queries import Positional, Values, dollars

T = TypeVar("T")
Connection = Any
"""One of asyncpg, which says nothing about its types."""
Row = Mapping[str, Any]

CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 30.0
"""A statement without an answer for so long has failed; the server ends a transaction that idles for so long."""

READERS = 4
"""Connections for reading and for what is written rarely."""

_SESSION = {
    "synchronous_commit": "on",  # whatever the server's default is: what we acknowledge is durable
    "idle_in_transaction_session_timeout": "30s",  # a process that was frozen must not keep its locks
    "jit": "off",  # compiling takes longer than any of our statements
}


class Server:
    """Where the database is, and how one connects to it; ``name`` is what errors call it."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.name = shown(url)
        self._read_only = read_only
        self._url = url
        self._session = {**_SESSION, **({"default_transaction_read_only": "on"} if read_only else {})}

    def check_writable(self) -> None:
        """Raise ``StoreUnusable`` where the database is only read."""
        if self._read_only:
            way_out = "Send the command to a server that works on it."
            raise StoreUnusable(path=self.name, detail="it is open for reading only", way_out=way_out)

    async def connect(self, what: str, seconds: float = STATEMENT_SECONDS) -> Connection:
        """A new connection whose statements may take so many seconds; raises ``StoreUnusable``.

        ``what`` it is for is what whoever runs the server reads in pg_stat_activity.
        """
        try:
            return await asyncpg.connect(
                self._url,
                timeout=min(CONNECT_SECONDS, seconds),
                command_timeout=seconds,
                server_settings={**self._session, "application_name": f"leitstand {what}"},
            )
        except (asyncpg.ClientConfigurationError, ValueError):
            way_out = "Use postgresql://user@host:5432/name; the password belongs into PGPASSFILE."
            raise SettingInvalid(name="LEITSTAND_DATABASE_URL", value=self.name, way_out=way_out) from None
        except (asyncpg.PostgresError, *LOST) as error:
            raise unusable(self.name, error) from None  # its text may hold more than the address


class Pool:
    """A few connections for statements that need no group: whoever finds none free waits for one."""

    def __init__(self, server: Server, size: int = READERS, seconds: float = STATEMENT_SECONDS) -> None:
        self.server = server
        self._seconds = seconds
        self.used = 0
        self._places = asyncio.Semaphore(size)
        self._idle: list[Connection] = []
        self._closed = False

    async def rows(self, name: str, values: Values | None = None) -> list[Row]:
        """All rows of a named statement that only reads; raises ``StoreUnusable``."""
        return await self._read(SQL[name], values or {})

    async def listed(self, statement: str, values: Values) -> list[Row]:
        """All rows of a statement with ``:name`` for each value."""
        return await self._read(dollars(statement), values)

    async def execute(self, name: str, /, **values: object) -> list[Row]:
        """What a named statement returns that writes, durable; raises ``StoreUnusable``."""
        return await self.once(lambda connection: fetch(connection, name, **values))

    async def once(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """What ``work`` makes of a connection; raises ``StoreUnusable``, and then it may have been done or not."""
        self.server.check_writable()
        async with self._place():
            try:
                return await self._on(self._kept() or await self.server.connect("pool", self._seconds), work)
            except Exception as error:
                raise unusable(self.server.name, error) from error

    async def transaction(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """The same in one transaction, durable."""

        async def whole(connection: Connection) -> T:
            async with connection.transaction():
                return await work(connection)

        return await self.once(whole)

    async def _read(self, statement: Positional, values: Values) -> list[Row]:
        """A kept connection may have died since; then a new one is asked."""
        if any(isinstance(value, str) and "\0" in value for value in values.values()):
            return []  # no text of PostgreSQL holds NUL, so nothing is called that
        given = statement.values(values)

        async def work(connection: Connection) -> list[Row]:
            rows: list[Row] = await connection.fetch(statement.text, *given)
            return rows

        async with self._place():
            try:
                kept = self._kept()
                with suppress(*LOST):
                    if kept:
                        return await self._on(kept, work)
                return await self._on(await self.server.connect("pool", self._seconds), work)
            except Exception as error:
                raise unusable(self.server.name, error) from error

    async def close(self) -> None:
        """Close all connections."""
        self._closed = True
        while self._idle:
            await hang_up(self._idle.pop())

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._closed:
            raise closed(self.server.name)
        async with self._places:
            self.used += 1
            try:
                yield
            finally:
                self.used -= 1

    def _kept(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None

    async def _on(self, connection: Connection, work: Callable[[Connection], Awaitable[T]]) -> T:
        """The work done; the connection is kept unless it is broken or somebody left in the middle."""
        try:
            made = await work(connection)
        except BaseException as error:
            # What broke one connection broke the idle ones as well; whoever only left takes no other with him.
            broken = [connection, *self._idle] if is_lost(error) else [connection]
            if isinstance(error, LeitstandError | asyncpg.PostgresError) and not is_lost(error):
                self._keep(connection)
            else:
                for one in broken:
                    one.terminate()
            raise
        self._keep(connection)
        return made

    def _keep(self, connection: Connection) -> None:
        if self._closed or connection.is_in_transaction():
            connection.terminate()
        elif not connection.is_closed():
            self._idle.append(connection)


async def fetch(connection: Connection, name: str, /, **values: object) -> list[Row]:
    """All rows that a named statement returns."""
    statement = SQL[name]
    rows: list[Row] = await connection.fetch(statement.text, *statement.values(values))
    return rows


def columns(names: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, Sequence[object]]:
    """Rows as an array for each column, as ``unnest`` takes them."""
    return dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())


async def hang_up(connection: Connection) -> None:
    """Close a connection, or drop it when the server does not answer."""
    try:
        await connection.close(timeout=1.0)
    except Exception:  # noqa: BLE001  it is of no use any more, whatever it says
        connection.terminate()
