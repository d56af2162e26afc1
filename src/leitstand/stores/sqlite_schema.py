"""How does whoever runs an SQLite database look after its tables? See ``ports.Schema``."""

import asyncio
import sqlite3
from contextlib import closing

from leitstand.domain.errors import translatable
from leitstand.domain.phrases import Phrase
from leitstand.ports import Database, SchemaStatus
from leitstand.stores.file_lock import FileLock
from leitstand.stores.schema_steps import ASTRAY, MOST_SHOWN, status_at, steps, unverified
from leitstand.stores.sqlite_errors import unusable
from leitstand.stores.sqlite_file import check_place, check_readable, check_schema, open_for_reading, open_for_writing
from leitstand.stores.sqlite_queries import SQL

REFERS_TO_NOTHING = translatable("A row of {table} refers to one that is not there.")


class SqliteSchema:
    """The tables of the file of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._path = database.path

    async def status(self) -> SchemaStatus:
        """Where the schema stands."""
        known = steps("sqlite")
        if not self._path.exists():
            return status_at(0, 0, known)
        with closing(open_for_reading(self._path)) as connection:
            version = check_schema(connection, self._path)
        return status_at(version, version, known)

    async def upgrade(self) -> SchemaStatus:
        """Bring the schema forward, as a server does that starts; raises ``StoreOwned`` while one owns the file."""
        check_place(self._path)
        lock = FileLock(self._path, self._database.address)
        try:
            before = await self.status()
            open_for_writing(self._path).close()
        finally:
            lock.close()
        return before

    async def check(self) -> tuple[Phrase, ...]:
        """Look at every page, at the keys, and at every case beside its journal."""
        check_readable(self._path)
        return await asyncio.to_thread(self._found)

    def _found(self) -> tuple[Phrase, ...]:
        try:
            with closing(open_for_reading(self._path)) as connection:
                pages = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
                broken = [str(row["table"]) for row in connection.execute("PRAGMA foreign_key_check")]
                astray = [row[0] for row in connection.execute(SQL["astray"], {"most": MOST_SHOWN})]
                tenants = connection.execute(SQL["tenants"]).fetchall()
        except sqlite3.Error as error:
            raise unusable(self._path, error) from error
        found = [Phrase(translatable("The file is corrupt: {what}."), what=what) for what in pages if what != "ok"]
        found += [Phrase(REFERS_TO_NOTHING, table=table) for table in broken]
        found += [Phrase(ASTRAY, case_id=case_id) for case_id in astray]
        return (*found, *unverified(tenants, self._database.keys))
