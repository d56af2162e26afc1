"""Do two versions of Leitstand work side by side while one takes over from the other?"""

import asyncio
from pathlib import Path

import pytest
from tests.chaos.fleet import Fleet, fleet
from tests.chaos.plan import Plan
from tests.chaos.processes import Program
from tests.faults.versions import Version

from leitstand import __version__
from leitstand.assembly import reading
from leitstand.stores.schema_steps import steps
from leitstand.testing.ports import free_port

CASES = 150
LATE = 30
ADDITIVE = f"""-- readable from: {steps("postgres")[-1].readable_from}
ALTER TABLE cases ADD COLUMN mood text NOT NULL DEFAULT '';
"""
BREAKING = "ALTER TABLE cases DROP COLUMN mood;\n"


def program(version: Version) -> Program:
    """The server of a version."""
    return Program(packages=(version.packages,))


async def authors(working: Fleet, plan: Plan) -> set[tuple[str, ...]]:
    """By which versions the journals were written, in order, each version once."""
    settings, found = plan.settings(working.folder, working.shared), set()
    async with reading(settings) as stores:
        for case_id in working.clients.heard.cases.values():
            journal = await stores.cases.events(settings.tenant_id, case_id)
            found.add(tuple(dict.fromkeys(event.runtime_version for event in journal)))
    return found


async def refuses(working: Fleet, name: str, of: Program) -> str:
    """What a server says instead of starting."""
    with pytest.raises(RuntimeError) as refused:
        await working.join(name, free_port(), of)
    return str(refused.value)


@pytest.mark.timeout(300)
async def test_the_next_version_takes_over_without_a_pause(tmp_path: Path) -> None:
    plan, following = Plan(store="postgres", cases=CASES), Version(tmp_path, "98.0.0")
    following.say_more()
    following.migrate("mood", ADDITIVE)
    after = Version(tmp_path, "99.0.0", following)
    after.migrate("no_mood", BREAKING)
    async with fleet(tmp_path, plan, join=False) as working:
        old = await working.join("old", free_port())
        working.allowed = CASES / 3
        async with working.load():
            assert "leitstand db upgrade" in await refuses(working, "early", program(following))
            working.allowed = CASES / 2
            assert (await following.run(working.shared, "db", "upgrade"))[0] == 0
            new = await working.join("new", free_port(), program(following))
            working.allowed = CASES - LATE
            await asyncio.sleep(1.5)
            working.allowed = CASES  # so that the old one dies with cases under way, however quick the machine is
            await asyncio.sleep(0.05)
            working.ports.remove(old.port)
            await old.kill()
        verdict = await working.judge()
        written = await authors(working, plan)

        code, said = await after.run(working.shared, "db", "upgrade")
        assert (code, "processes work on it" in said) == (15, True)
        await new.kill()
        async with asyncio.timeout(30):
            while (await after.run(working.shared, "db", "upgrade"))[0]:
                await asyncio.sleep(0.5)
        assert "Start the newer Leitstand" in await refuses(working, "late", Program())
    assert verdict.violations == ()
    assert verdict.acknowledged == CASES
    assert {(__version__,), ("98.0.0",), (__version__, "98.0.0")} <= written
