"""Does work go on when no process ever hears from PostgreSQL that there is some?"""

import asyncio
import sys
from pathlib import Path

import psycopg
import pytest
from tests.chaos.fleet import Fleet, fleet
from tests.chaos.plan import Plan
from tests.chaos.processes import Program

from leitstand.testing.ports import free_port
from leitstand.testing.postgres_server import PostgresServer

CASES = 60


def swallow(server: PostgresServer) -> None:
    """From the next connection on, whoever notifies calls a function that does nothing."""
    silent = "CREATE FUNCTION pg_notify(text, text) RETURNS void LANGUAGE sql AS ''"
    server.sql("ALTER DATABASE test_1 SET search_path = public, pg_catalog")
    server.sql(f"SET search_path = public; {silent}", database="test_1")


async def active(working: Fleet) -> str:
    """The release that serves new cases at the door."""
    found = await working.clients.send(working.session, "GET", "/v1/workflows")
    workflows: list[dict[str, str]] = found["workflows"]  # type: ignore[index, assignment]
    return workflows[0]["release"]


async def ship(working: Fleet) -> None:
    """Activate another release in a process of its own."""
    prompt = working.workflow / "prompt.md"
    prompt.write_text(prompt.read_text() + "\nBe brief.\n")
    arguments = ("release", "add", str(working.workflow), "--activate", "--data", str(working.folder / "data-shipping"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "leitstand.cli", *arguments, env={"PATH": "/usr/bin:/bin", **working.shared}
    )
    assert await process.wait() == 0


@pytest.mark.timeout(200)
async def test_who_hears_nothing_looks(tmp_path: Path) -> None:
    plan = Plan(store="postgres", cases=CASES)
    async with fleet(tmp_path, plan, join=False) as working:
        assert working.database
        swallow(working.database)
        await working.join("door", free_port(), Program(rests=True))
        await working.join("hands", 0)
        with psycopg.connect(working.database.url("test_1"), autocommit=True) as listening:
            listening.execute("LISTEN leitstand_cases")
            listening.execute("LISTEN leitstand_releases")
            working.allowed = CASES / 2
            async with working.load():
                before = await active(working)
                await ship(working)
                async with asyncio.timeout(20):
                    while await active(working) == before:
                        await asyncio.sleep(0.1)
                working.allowed = CASES
            assert list(listening.notifies(timeout=0)) == []
        verdict = await working.judge()
    assert verdict.violations == ()
    assert verdict.acknowledged == CASES
