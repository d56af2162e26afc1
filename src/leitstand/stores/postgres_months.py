"""In which month does a case lie? Journals and contents are kept in partitions by the time in their case's id."""

import asyncio
import logging
from datetime import UTC, datetime
from itertools import pairwise

import asyncpg

from leitstand.ports import Clock
from leitstand.stores.postgres_connections import Connection, Pool, fetch

TABLES = ("events", "contents")
AHEAD = 2
"""Months that are made before they begin."""

LOOK_SECONDS = 6 * 3600.0

_log = logging.getLogger(__name__)


def months(now: int, count: int) -> list[tuple[int, int]]:
    """Year and number of the month of ``now``, in UTC microseconds, and of those after it: ``count`` in all."""
    today = datetime.fromtimestamp(now / 1e6, UTC)
    places = range(today.year * 12 + today.month - 1, today.year * 12 + today.month - 1 + count)
    return [(place // 12, place % 12 + 1) for place in places]


def first_id(year: int, month: int) -> str:
    """What the ids of a month's first millisecond begin with: UUIDv7 begin with their time in hexadecimal."""
    digits = f"{int(datetime(year, month, 1, tzinfo=UTC).timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}"


async def keep_ahead(pool: Pool, clock: Clock) -> None:
    """Make the months to come, again and again, for as long as this process runs."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await make_months(pool, clock())
        except Exception:  # noqa: BLE001  the next look must come; until then there is the default partition
            _log.exception("the months to come could not be made")


async def make_months(pool: Pool, now: int) -> None:
    """Make the partitions of this month and of those to come, where they are not there yet."""
    coming = months(now, AHEAD + 2)
    wanted = {
        f"{table}_{year}_{month:02}": (table, first_id(year, month), first_id(*end))
        for (year, month), end in pairwise(coming)
        for table in TABLES
    }
    there = {row["name"] for row in await pool.rows("months")}
    if wanted.keys() <= there:
        return

    async def make(connection: Connection) -> None:
        await connection.execute("SET LOCAL lock_timeout = '3s'")
        await fetch(connection, "lock", what="months")
        for name, (table, begin, end) in wanted.items():
            # Names and bounds are ours alone: digits, a dash, an underscore.
            bounds = f"FOR VALUES FROM ('{begin}') TO ('{end}')"
            try:
                async with connection.transaction():
                    await connection.execute(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} {bounds}")
            except asyncpg.CheckViolationError:
                _log.warning("%s is not made: rows of that month lie in %s_default already, and may stay", name, table)

    await pool.transaction(make)
