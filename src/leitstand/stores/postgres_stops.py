"""What is stopped, and who stopped it? A table in PostgreSQL, with every change as an event beside it, told to all."""

from leitstand.domain.stop import Stop
from leitstand.places import Clock
from leitstand.stores.postgres_connections import Connection, Pool, fetch
from leitstand.stores.postgres_news import STOPS
from leitstand.stores.stop_rows import RECENT, row_of_stop, stop_event, stop_of


class PostgresStops:
    """The ``StopStore`` on a PostgreSQL database."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def begin(self, stop: Stop) -> bool:
        """Let a stop hold; False when one holds the same already."""
        return await self._write("insert_stop", row_of_stop(stop), stop)

    async def move(self, stop: Stop, *, due_to: str) -> bool:
        """Store what became of a stop; False when it was proposed anew or ended meanwhile."""
        return await self._write("move_stop", {**row_of_stop(stop), "due_to": due_to}, stop)

    async def in_force(self) -> tuple[Stop, ...]:
        """All that hold, of all tenants."""
        rows = await self._pool.rows("stops_in_force", {"since": self._clock() - RECENT})
        return tuple(stop_of(row) for row in rows)

    async def newest(self, tenant_id: str, most: int) -> tuple[Stop, ...]:
        """The newest that concern a tenant, also those that are over."""
        rows = await self._pool.rows("newest_stops", {"tenant_id": tenant_id, "most": most})
        return tuple(stop_of(row) for row in rows)

    async def find(self, stop_id: str) -> Stop | None:
        """The stop with that id."""
        rows = await self._pool.rows("stop", {"stop_id": stop_id})
        return stop_of(rows[0]) if rows else None

    async def _write(self, statement: str, row: dict[str, object], stop: Stop) -> bool:
        async def work(connection: Connection) -> bool:
            if not await fetch(connection, statement, **row):
                return False
            event = {"tenant_id": stop.tenant_id, "stop_id": stop.stop_id, "payload": stop_event(stop)}
            await fetch(connection, "insert_stop_event", **event)
            await fetch(connection, "notify", channel=STOPS)
            return True

        return await self._pool.transaction(work)
