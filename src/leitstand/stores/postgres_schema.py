"""Which schema is in the database, and how does it come forward? In one transaction, by one process at a time."""

import re
from dataclasses import dataclass
from importlib import resources

from leitstand.domain.errors import StoreUnusable
from leitstand.stores.postgres_connections import Connection, Pool, fetch


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One step of the schema. Programs that know the schema ``readable_from`` may work beside it."""

    version: int
    readable_from: int
    text: str


def migrations() -> tuple[Migration, ...]:
    """All of them, oldest first."""
    folder = resources.files(__package__).joinpath("migrations", "postgres")
    files = sorted((file.name, file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".sql"))
    return tuple(_migration(int(name[:4]), text) for name, text in files)


def _migration(version: int, text: str) -> Migration:
    found = re.search(r"^-- readable from: (\d+)$", text, flags=re.MULTILINE)
    return Migration(version=version, readable_from=int(found[1]) if found else version, text=text)


async def ensure_schema(pool: Pool) -> None:
    """Make the schema in an empty database; raise ``StoreUnusable`` for one that this program does not know."""
    version, readable_from = await _found(pool)
    if version == 0:
        await pool.transaction(lambda connection: _forward(connection, pool.server.name))
        version, readable_from = await _found(pool)
    newest = migrations()[-1].version
    if version < newest:
        detail = f"its schema has version {version}, this Leitstand needs {newest}"
        raise StoreUnusable(path=pool.server.name, detail=detail, way_out="Run `leitstand db upgrade` once.")
    if version > newest and readable_from > newest:
        detail = f"its schema has version {version}, this Leitstand knows up to {newest}"
        way_out = "Start the newer Leitstand that upgraded it, or restore an older backup."
        raise StoreUnusable(path=pool.server.name, detail=detail, way_out=way_out)


async def _found(pool: Pool) -> tuple[int, int]:
    return await pool.once(lambda connection: _version(connection, pool.server.name))


async def _version(connection: Connection, database: str) -> tuple[int, int]:
    """The version, and from which on it can be worked with; (0, 0) for an empty database."""
    (found,) = await fetch(connection, "schema_table")
    if found["ours"]:
        (row,) = await fetch(connection, "schema_version")
        return row["version"], row["readable_from"]
    if found["filled"]:
        detail = "it has tables of another program"
        raise StoreUnusable(path=database, detail=detail, way_out="Name an empty database.")
    return 0, 0


async def _forward(connection: Connection, database: str) -> None:
    await fetch(connection, "lock", what="schema")
    version, _ = await _version(connection, database)
    for step in migrations():
        if step.version > version:
            await connection.execute(step.text)
            await fetch(connection, "note_version", version=step.version, readable_from=step.readable_from)
