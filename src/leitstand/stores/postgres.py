"""How does the address of a PostgreSQL database become opened stores? As one of its processes, or for reading only."""

from importlib.util import find_spec

from leitstand.domain.errors import ExtensionMissing
from leitstand.ports import Database, Schema, Stores


async def own(database: Database) -> Stores:
    """The stores of a process that works on the cases of the database, as others may; an empty one gets its tables."""
    _check_driver()
    from leitstand.stores.postgres_opening import open_store

    return await open_store(database)


async def read(database: Database) -> Stores:
    """The stores for reading only; writing raises ``StoreUnusable``."""
    _check_driver()
    from leitstand.stores.postgres_opening import open_readonly

    return await open_readonly(database)


def schema(database: Database) -> Schema:
    """The tables of the database."""
    _check_driver()
    from leitstand.stores.postgres_schema import PostgresSchema

    return PostgresSchema(database)


def _check_driver() -> None:
    if find_spec("asyncpg") is None:
        raise ExtensionMissing(
            group="stores", name="postgres", way_out="Install its driver: pip install 'leitstand[postgres]'."
        )
