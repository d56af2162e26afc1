"""Which names stand behind the pseudonymous ids of people? A table of its own in SQLite, so that it can be deleted."""

from leitstand.domain.review import Person
from leitstand.stores.sqlite_queries import SQL
from leitstand.stores.sqlite_reader import Reader
from leitstand.stores.sqlite_writer import NoWriter, Writer


class SqlitePeople:
    """The ``PeopleStore`` on one SQLite file."""

    def __init__(self, writer: Writer | NoWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def people(self, tenant_id: str) -> tuple[Person, ...]:
        """Everybody, by name."""
        return tuple(
            Person(id=row["person_id"], name=row["name"])
            for row in await self._reader.rows(SQL["people"], (tenant_id,))
        )

    async def add_person(self, tenant_id: str, person: Person) -> None:
        """Add a person, or give one with this id another name."""
        row = (tenant_id, person.id, person.name)
        await self._writer.run(lambda connection: connection.execute(SQL["put_person"], row).rowcount)
