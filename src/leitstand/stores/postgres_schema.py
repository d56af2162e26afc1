"""Which schema is in the database, and how does it come forward? In transactions, by one process at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from leitstand.domain.errors import StoreUnusable, translatable
from leitstand.domain.phrases import Phrase
from leitstand.ports import Database, SchemaStatus
from leitstand.stores.postgres_connections import Connection, Pool, Server, fetch
from leitstand.stores.postgres_months import make_months
from leitstand.stores.schema_steps import ASTRAY, MOST_SHOWN, Step, status_at, steps, unverified

LONGEST = 24 * 3600.0
"""Seconds that a step or a check of a large database may take."""

UPGRADE = "Run `leitstand db upgrade` once; it says which processes must stop before."


async def make_schema(pool: Pool) -> None:
    """Make the schema in an empty database; others may be doing the same."""
    if (await schema_status(pool)).version == 0:
        await _forward(pool, steps("postgres"))


async def check_schema(pool: Pool) -> None:
    """Raise ``StoreUnusable`` unless this program can work with the schema in the database."""
    found = await schema_status(pool)
    if found.version == 0:
        raise _unfit(pool, "it is empty", "Start a server on it once.")
    if found.pending:
        raise _unfit(pool, f"its schema has version {found.version}, this Leitstand needs {found.newest}", UPGRADE)
    if found.readable_from > found.newest:
        known = translatable("its schema has version {version}, this Leitstand knows up to {newest}")
        detail = Phrase(known, version=found.version, newest=found.newest)
        raise _unfit(pool, detail, "Start the newer Leitstand that upgraded it, or restore an older backup.")


async def schema_status(pool: Pool) -> SchemaStatus:
    """Where the schema stands."""
    (found,) = await pool.rows("schema_table")
    if found["ours"]:
        (row,) = await pool.rows("schema_version")
        return status_at(row["version"], row["readable_from"], steps("postgres"))
    if found["filled"]:
        raise _unfit(pool, "it has tables of another program", "Name an empty database.")
    return status_at(0, 0, steps("postgres"))


class PostgresSchema:
    """The tables of a PostgreSQL database; see ``ports.Schema``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def status(self) -> SchemaStatus:
        """Where the schema stands."""
        async with self._pool(read_only=True) as pool:
            return await schema_status(pool)

    async def upgrade(self) -> SchemaStatus:
        """Bring the schema forward, unless somebody is at work who could not go on with it."""
        async with self._pool() as pool:
            before = await schema_status(pool)
            if before.version and before.pending:
                await self._check_workers(pool)
            await _forward(pool, steps("postgres"))
            await make_months(pool, self._database.clock())
        return before

    async def check(self) -> tuple[Phrase, ...]:
        """Look at the tables, at the keys, and at every case beside its journal."""
        async with self._pool(read_only=True) as pool:
            await check_schema(pool)
            astray = await pool.rows("astray", {"most": MOST_SHOWN})
            found = [Phrase(ASTRAY, case_id=row["case_id"]) for row in astray]
            found += [Phrase(INVALID, name=row["name"]) for row in await pool.rows("invalid_indexes")]
            found += [Phrase(MONTHLESS, count=row["rows"]) for row in await pool.rows("monthless") if row["rows"]]
            encoding = (await pool.rows("encoding"))[0]["name"]
            if encoding != "UTF8":
                found.append(Phrase(ENCODING, encoding=encoding))
            return (*found, *unverified(await pool.rows("tenants"), self._database.keys))

    async def _check_workers(self, pool: Pool) -> None:
        values = {
            "readable_from": max(step.readable_from for step in steps("postgres")),
            "lease_seconds": self._database.lease_seconds,
        }
        if behind := [str(row["address"]) for row in await pool.rows("workers_left_behind", values)]:
            old = translatable("processes work on it that do not know the new schema: {who}")
            detail = Phrase(old, who=", ".join(behind))
            raise _unfit(pool, detail, "Stop them, and upgrade again.")

    @asynccontextmanager
    async def _pool(self, *, read_only: bool = False) -> AsyncIterator[Pool]:
        pool = Pool(Server(self._database.url, read_only=read_only), seconds=LONGEST)
        try:
            yield pool
        finally:
            await pool.close()


INVALID = translatable("The index {name} is not valid; make it again: REINDEX INDEX.")
MONTHLESS = translatable("{count} events and contents lie in no month, and stay when old months are dropped.")
ENCODING = translatable("The database has the encoding {encoding}; only UTF8 holds every text.")


async def _forward(pool: Pool, known: tuple[Step, ...]) -> None:
    for step in known:
        await pool.transaction(partial(_apply, step))


async def _apply(step: Step, connection: Connection) -> None:
    """One step, unless somebody else was quicker."""
    await fetch(connection, "lock", what="schema")
    (found,) = await fetch(connection, "schema_table")
    version = (await fetch(connection, "schema_version"))[0]["version"] if found["ours"] else 0
    if step.version > version:
        await connection.execute(step.text)
        await fetch(connection, "note_version", version=step.version, readable_from=step.readable_from)


def _unfit(pool: Pool, detail: str | Phrase, way_out: str) -> StoreUnusable:
    return StoreUnusable(path=pool.server.name, detail=detail, way_out=way_out)
