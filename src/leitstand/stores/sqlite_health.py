"""Which models are left alone right now? A table of its own in SQLite."""

from leitstand.domain.breaker import Breaker, Place, State
from leitstand.stores.sqlite_queries import SQL
from leitstand.stores.sqlite_reader import Reader
from leitstand.stores.sqlite_writer import NoWriter, Writer


class SqliteHealth:
    """The ``HealthStore`` on one SQLite file."""

    def __init__(self, writer: Writer | NoWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def breakers(self) -> dict[Place, Breaker]:
        """Every breaker that ever opened."""
        rows = await self._reader.rows(SQL["breakers"], ())
        return {Place(*row[:4]): Breaker(State(row[4]), *row[5:]) for row in map(tuple, rows)}

    async def change_breaker(self, place: Place, breaker: Breaker) -> bool:
        """Store a changed state; False when the stored one is not of the version before."""
        row = (*place, breaker.state.value, breaker.until, breaker.openings, breaker.cause, breaker.version)
        changed = await self._writer.run(lambda connection: connection.execute(SQL["change_breaker"], row).rowcount)
        return changed == 1
