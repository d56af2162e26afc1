"""Which names stand behind the pseudonymous ids of people? A table of its own, so that it can be deleted."""

from leitstand.domain.review import Person
from leitstand.stores.postgres_connections import Pool


class PostgresPeople:
    """The ``PeopleStore`` on a PostgreSQL database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def people(self, tenant_id: str) -> tuple[Person, ...]:
        """Everybody, by name."""
        rows = await self._pool.rows("people", {"tenant_id": tenant_id})
        return tuple(Person(id=row["person_id"], name=row["name"]) for row in rows)

    async def add_person(self, tenant_id: str, person: Person) -> None:
        """Add a person, or give one with this id another name."""
        await self._pool.execute("put_person", tenant_id=tenant_id, person_id=person.id, name=person.name)
