"""What belongs to an opened PostgreSQL database, and in which order is it begun and ended?"""

import asyncio
from contextlib import suppress
from typing import TypedDict

from leitstand.domain.errors import StoreUnusable
from leitstand.ports import Database, News, Stores
from leitstand.stores.postgres_answers import PostgresAnswers
from leitstand.stores.postgres_cases import PostgresCases
from leitstand.stores.postgres_clock import SharedClock
from leitstand.stores.postgres_connections import Pool, Server
from leitstand.stores.postgres_health import PostgresHealth
from leitstand.stores.postgres_heartbeat import Heartbeat
from leitstand.stores.postgres_ledger import PostgresLedger
from leitstand.stores.postgres_months import keep_ahead, make_months
from leitstand.stores.postgres_news import Listener
from leitstand.stores.postgres_people import PostgresPeople
from leitstand.stores.postgres_releases import PostgresReleases
from leitstand.stores.postgres_reports import PostgresReports
from leitstand.stores.postgres_schema import check_schema, make_schema
from leitstand.stores.postgres_stops import PostgresStops
from leitstand.stores.postgres_tenants import Tenants
from leitstand.stores.sealed_content import TenantKeys


async def open_store(database: Database) -> Stores:
    """The stores of a process that works on the database; raises ``StoreUnusable``."""
    server = Server(database.url)
    pool = Pool(server)
    keys = TenantKeys(database.keys)
    clock = SharedClock(database.clock)
    heartbeat = Heartbeat(server, database.address, database.lease_seconds, clock)
    try:
        await _prepare(pool, database.clock(), keys)
        await heartbeat.start()
    except BaseException:
        await pool.close()
        raise
    listener = Listener(server, news := News())
    cases = PostgresCases(pool, keys, heartbeat, clock)
    ledger = PostgresLedger(pool)
    ahead = asyncio.create_task(keep_ahead(pool, clock))

    async def close() -> None:
        ahead.cancel()
        await listener.close()
        await ledger.close()
        with suppress(StoreUnusable):  # a server that is away: the lease of this process runs out by itself
            await cases.close()
        await heartbeat.stop()
        await pool.close()

    return Stores(
        cases=cases,
        **_registers(pool, keys),
        stops=PostgresStops(pool, clock),
        ledger=ledger,
        close=close,
        news=news,
        figures=lambda: figures_of(cases, pool, heartbeat),
        clock=clock,
        now=lambda: clock_of(pool),
    )


class _Registers(TypedDict):
    """What is kept beside the cases, and not closed."""

    releases: PostgresReleases
    people: PostgresPeople
    answers: PostgresAnswers
    reports: PostgresReports
    health: PostgresHealth


def _registers(pool: Pool, keys: TenantKeys) -> _Registers:
    return {
        "releases": PostgresReleases(pool),
        "people": PostgresPeople(pool),
        "answers": PostgresAnswers(pool, keys),
        "reports": PostgresReports(pool),
        "health": PostgresHealth(pool),
    }


async def _prepare(pool: Pool, at: int, keys: TenantKeys) -> None:
    """Make what is missing, and refuse what does not fit."""
    await make_schema(pool)
    await check_schema(pool)
    await make_months(pool, at)
    await Tenants(pool, keys).verify()


async def open_readonly(database: Database) -> Stores:
    """The stores for reading only, also on a server that takes no writes; raises ``StoreUnusable``."""
    server = Server(database.url, read_only=True)
    pool = Pool(server)
    keys = TenantKeys(database.keys)
    clock = SharedClock(database.clock)
    try:
        await check_schema(pool)
        await Tenants(pool, keys).verify()
    except BaseException:
        await pool.close()
        raise
    return Stores(
        cases=PostgresCases(pool, keys, Heartbeat(server, "", database.lease_seconds, clock), clock),
        **_registers(pool, keys),
        stops=PostgresStops(pool, clock),
        ledger=PostgresLedger(pool),
        close=pool.close,
        now=lambda: clock_of(pool),
    )


def figures_of(cases: PostgresCases, pool: Pool, heartbeat: Heartbeat) -> dict[str, float]:
    """Statements that wrote and what they held, what waits for one, connections at work, how old the lease is."""
    both = (cases.openings, cases.appendings)
    return {
        "commits": sum(committer.commits for committer in both),
        "writes": sum(committer.writes for committer in both),
        "writes_waiting": sum(committer.waiting for committer in both),
        "connections_used": pool.used,
        "heartbeat_age": heartbeat.age,
    }


async def clock_of(pool: Pool) -> int:
    """UTC in microseconds as the server has it."""
    (row,) = await pool.rows("clock")
    return int(row["now"])
