"""Does nothing get lost, done twice or stuck when PostgreSQL itself is hurt?"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from tests.chaos.fleet import fleet
from tests.chaos.plan import Plan

from leitstand.testing.ports import free_port
from leitstand.testing.postgres_server import PostgresServer

pytestmark = pytest.mark.timeout(400)

CASES = 150


async def killed(server: PostgresServer) -> None:
    """``kill -9`` for all its processes; back a second later, after its recovery."""
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(1)
    await asyncio.to_thread(server.start)


async def restarted(server: PostgresServer) -> None:
    """As an administrator would: everybody is thrown out."""
    await asyncio.to_thread(server.restart, "fast")


async def read_only(server: PostgresServer) -> None:
    """As a standby that everybody was sent to by mistake, for a while."""
    await asyncio.to_thread(server.read_only, on=True)
    await asyncio.sleep(3)
    await asyncio.to_thread(server.read_only, on=False)


async def out_of_connections(server: PostgresServer) -> None:
    """Everybody is thrown out, and others take whatever connection is to be had."""
    with ExitStack() as held:
        await asyncio.to_thread(_throw_out, server, held)
        await asyncio.sleep(3)


def _throw_out(server: PostgresServer, held: ExitStack) -> None:
    everybody = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test_%'"
    own = held.enter_context(psycopg.connect(server.url(), autocommit=True))
    taken = 0
    while taken < 20:
        own.execute(everybody)
        try:
            while True:
                held.enter_context(psycopg.connect(server.url()))
                taken += 1
        except psycopg.OperationalError:
            continue


async def slow(server: PostgresServer) -> None:
    """Each write takes a second longer, for a while."""
    sleep = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END'"
    trigger = "CREATE TRIGGER slow AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION slow()"
    await asyncio.to_thread(server.sql, sleep, trigger, database="test_1")
    await asyncio.sleep(6)
    await asyncio.to_thread(server.sql, "DROP TRIGGER slow ON events", database="test_1")


async def frozen(server: PostgresServer) -> None:
    """Connections stay open and nobody answers, for longer than the lease."""
    await asyncio.to_thread(server.freeze)
    await asyncio.sleep(4)
    await asyncio.to_thread(server.thaw)


async def failed_over(server: PostgresServer) -> None:
    """It dies, and a copy of its disk takes over its address."""
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.fail_over)


@pytest.mark.parametrize(
    "hurt",
    [killed, restarted, read_only, out_of_connections, slow, frozen, failed_over],
    ids=lambda hurt: hurt.__name__,
)
async def test_two_processes_get_over_it(tmp_path: Path, hurt: Callable[[PostgresServer], Awaitable[None]]) -> None:
    plan = Plan(store="postgres", cases=CASES, connections=30)
    async with fleet(tmp_path, plan, join=False) as working:
        for name in ("one", "two"):
            await working.join(name, free_port())
        working.allowed = CASES / 3
        async with working.load():
            await asyncio.sleep(0.5)
            working.allowed = CASES * 2 / 3
            assert working.database
            await hurt(working.database)
            working.allowed = CASES
        verdict = await working.judge()
    assert verdict.violations == ()
    assert (verdict.acknowledged, len(working.journals.cases)) == (CASES, CASES)
