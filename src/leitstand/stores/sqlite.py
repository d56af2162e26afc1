"""How does a path become opened stores? As the owner of the file, or for reading beside it."""

import sqlite3
import uuid
from contextlib import closing, suppress
from pathlib import Path

from leitstand.domain.errors import StoreUnusable
from leitstand.ports import Clock, Database, Stores
from leitstand.stores.file_lock import FileLock
from leitstand.stores.sealed_content import TenantKeys
from leitstand.stores.sqlite_answers import SqliteAnswers
from leitstand.stores.sqlite_cases import SqliteCases
from leitstand.stores.sqlite_errors import unusable
from leitstand.stores.sqlite_file import check_place, check_readable, notices, open_for_reading, open_for_writing
from leitstand.stores.sqlite_health import SqliteHealth
from leitstand.stores.sqlite_ledger import SqliteLedger
from leitstand.stores.sqlite_people import SqlitePeople
from leitstand.stores.sqlite_queries import SQL
from leitstand.stores.sqlite_reader import Reader
from leitstand.stores.sqlite_releases import SqliteReleases
from leitstand.stores.sqlite_reports import SqliteReports
from leitstand.stores.sqlite_stops import SqliteStops
from leitstand.stores.sqlite_writer import NoWriter, Writer


async def own(database: Database) -> Stores:
    """The stores on the file of a database, owned; see ``open_store``."""
    return open_store(database.path, address=database.address, clock=database.clock, keys=database.keys)


async def read(database: Database) -> Stores:
    """The stores on the file of a database, for reading only; see ``open_readonly``."""
    return open_readonly(database.path, clock=database.clock, keys=database.keys)


def open_store(path: Path, *, address: str, clock: Clock, keys: Path | None = None) -> Stores:
    """The stores on a file that this process owns until ``close``; what an earlier owner left is free to be claimed.

    ``address`` is told to whoever wants the file as well. Keys lie in ``keys``, by default beside the file. Raises
    ``StoreOwned`` and ``StoreUnusable``.
    """
    check_place(path)
    lock = FileLock(path, address)
    try:
        connection = open_for_writing(path)
    except BaseException:
        lock.close()
        raise
    try:
        tenant_keys = _verified_keys(connection, path, keys)
        _execute(connection, "release_owned", path)
    except BaseException:
        connection.close()
        lock.close()
        raise
    writer = Writer(connection, path)
    reader = Reader(path)

    cases = SqliteCases(writer, reader, tenant_keys, clock, uuid.uuid4().hex)

    async def close() -> None:
        await reader.close()
        with suppress(StoreUnusable):  # a full disk: the next owner takes everything over all the same
            await cases.hand_back()
        await writer.close()
        lock.close()

    return Stores(
        cases=cases,
        releases=SqliteReleases(writer, reader, str(path)),
        people=SqlitePeople(writer, reader),
        answers=SqliteAnswers(writer, reader, tenant_keys),
        reports=SqliteReports(writer, reader),
        stops=SqliteStops(writer, reader, clock),
        ledger=SqliteLedger(writer, reader),
        health=SqliteHealth(writer, reader),
        close=close,
        notices=notices(),
        figures=writer.figures,
    )


def open_readonly(path: Path, *, clock: Clock, keys: Path | None = None) -> Stores:
    """The stores on a file that another process may own: no lock, no migration; writing raises ``StoreUnusable``."""
    check_readable(path)
    with closing(open_for_reading(path)) as connection:
        tenant_keys = _verified_keys(connection, path, keys)
    writer = NoWriter(path)
    reader = Reader(path)
    return Stores(
        cases=SqliteCases(writer, reader, tenant_keys, clock, ""),
        releases=SqliteReleases(writer, reader, str(path)),
        people=SqlitePeople(writer, reader),
        answers=SqliteAnswers(writer, reader, tenant_keys),
        reports=SqliteReports(writer, reader),
        stops=SqliteStops(writer, reader, clock),
        ledger=SqliteLedger(writer, reader),
        health=SqliteHealth(writer, reader),
        close=reader.close,
        notices=notices(),
    )


def _verified_keys(connection: sqlite3.Connection, path: Path, folder: Path | None) -> TenantKeys:
    keys = TenantKeys(folder or path.parent / "keys")
    for tenant_id, key_check in _execute(connection, "tenants", path):
        keys.verify(tenant_id, key_check)
    return keys


def _execute(connection: sqlite3.Connection, name: str, path: Path) -> list[tuple[str, bytes]]:
    try:
        return connection.execute(SQL[name]).fetchall()
    except sqlite3.Error as error:
        raise unusable(path, error) from error
