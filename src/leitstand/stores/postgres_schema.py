"""Which schema is in the database, and how does it come forward? In one transaction, by one process at a time."""

import re
from dataclasses import dataclass
from importlib import resources

from leitstand.domain.errors import StoreUnusable
from leitstand.stores.postgres_connections import Connection, Pool, fetch

UPGRADE = "Stop what cannot work beside the new schema and run `leitstand db upgrade` once."


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


async def make_schema(pool: Pool) -> None:
    """Make the schema in an empty database; others may be doing the same."""
    version, _ = await _found(pool)
    if version == 0:
        await pool.transaction(_forward)


async def check_schema(pool: Pool) -> None:
    """Raise ``StoreUnusable`` unless this program can work with the schema in the database."""
    version, readable_from = await _found(pool)
    newest = migrations()[-1].version
    if version == 0:
        raise _unfit(pool, "it is empty", "Start a server on it once.")
    if version < newest:
        raise _unfit(pool, f"its schema has version {version}, this Leitstand needs {newest}", UPGRADE)
    if version > newest and readable_from > newest:
        way_out = "Start the newer Leitstand that upgraded it, or restore an older backup."
        raise _unfit(pool, f"its schema has version {version}, this Leitstand knows up to {newest}", way_out)


def _unfit(pool: Pool, detail: str, way_out: str) -> StoreUnusable:
    return StoreUnusable(path=pool.server.name, detail=detail, way_out=way_out)


async def _found(pool: Pool) -> tuple[int, int]:
    """The version, and from which on it can be worked with; (0, 0) for an empty database."""
    (found,) = await pool.rows("schema_table")
    if found["ours"]:
        (row,) = await pool.rows("schema_version")
        return row["version"], row["readable_from"]
    if found["filled"]:
        raise _unfit(pool, "it has tables of another program", "Name an empty database.")
    return 0, 0


async def _forward(connection: Connection) -> None:
    await fetch(connection, "lock", what="schema")
    (found,) = await fetch(connection, "schema_table")
    version = (await fetch(connection, "schema_version"))[0]["version"] if found["ours"] else 0
    for step in migrations():
        if step.version > version:
            await connection.execute(step.text)
            await fetch(connection, "note_version", version=step.version, readable_from=step.readable_from)
