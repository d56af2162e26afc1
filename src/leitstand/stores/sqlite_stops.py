"""What is stopped, and who stopped it? A table in SQLite, with every change as an event beside it."""

import sqlite3

from leitstand.domain.stop import Stop
from leitstand.places import Clock
from leitstand.stores.sqlite_queries import SQL
from leitstand.stores.sqlite_reader import Reader
from leitstand.stores.sqlite_writer import NoWriter, Writer
from leitstand.stores.stop_rows import RECENT, row_of_stop, stop_event, stop_of


class SqliteStops:
    """The ``StopStore`` on one SQLite file."""

    def __init__(self, writer: Writer | NoWriter, reader: Reader, clock: Clock) -> None:
        self._writer = writer
        self._reader = reader
        self._clock = clock

    async def begin(self, stop: Stop) -> bool:
        """Let a stop hold; False when one holds the same already."""
        return await self._write("insert_stop", row_of_stop(stop), stop)

    async def move(self, stop: Stop, *, due_to: str) -> bool:
        """Store what became of a stop; False when it was proposed anew or ended meanwhile."""
        return await self._write("move_stop", {**row_of_stop(stop), "due_to": due_to}, stop)

    async def in_force(self) -> tuple[Stop, ...]:
        """All that hold, of all tenants."""
        rows = await self._reader.rows(SQL["stops_in_force"], {"since": self._clock() - RECENT})
        return tuple(stop_of(row) for row in rows)

    async def newest(self, tenant_id: str, most: int) -> tuple[Stop, ...]:
        """The newest that concern a tenant, also those that are over."""
        rows = await self._reader.rows(SQL["newest_stops"], {"tenant_id": tenant_id, "most": most})
        return tuple(stop_of(row) for row in rows)

    async def find(self, stop_id: str) -> Stop | None:
        """The stop with that id."""
        rows = await self._reader.rows(SQL["stop"], {"stop_id": stop_id})
        return stop_of(rows[0]) if rows else None

    async def _write(self, statement: str, row: dict[str, object], stop: Stop) -> bool:
        def operation(connection: sqlite3.Connection) -> bool:
            if connection.execute(SQL[statement], row).rowcount == 0:
                return False
            connection.execute(SQL["insert_stop_event"], (stop.tenant_id, stop.stop_id, stop_event(stop)))
            return True

        return await self._writer.run(operation)
