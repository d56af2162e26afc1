"""Does it matter that the clock of one machine is wrong by five minutes?"""

import asyncio
import time
from pathlib import Path

import pytest
from tests.chaos.fleet import Fleet, fleet
from tests.chaos.journals import read_journals
from tests.chaos.plan import Plan
from tests.chaos.processes import Program, receiver

from leitstand.assembly import reading
from leitstand.testing.ports import free_port

CASES = 80
TOLERATED = 5.0
"""Seconds that an event may seem to lie before or after the run, by the clock of this test."""


def elsewhere(port: int) -> str:
    """Where the receiver is that comes late."""
    return f"127.0.0.1:{port}/effects"


async def moments(working: Fleet, plan: Plan) -> list[float]:
    """When everything happened, as the journals say, in seconds."""
    found = []
    settings = plan.settings(working.folder, working.shared)
    async with reading(settings) as stores:
        for case_id in working.clients.heard.cases.values():
            found += [event.at / 1e6 for event in await stores.cases.events(settings.tenant_id, case_id)]
    return found


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seconds", [300, -300], ids=["fast", "slow"])
async def test_what_a_wrong_clock_delays_is_due_for_everybody(tmp_path: Path, seconds: int) -> None:
    plan, port, began = Plan(store="postgres", cases=CASES), free_port(), time.time()

    def far(definition: str) -> str:
        place = definition.partition('url = "http://')[2].partition('"')[0]
        return definition.replace(place, elsewhere(port))

    async with fleet(tmp_path, plan, join=False, change=far) as working:
        await working.join("right", free_port())
        wrong = await working.join(
            "wrong", free_port(), Program(module="tests.faults.shifted"), SECONDS_AHEAD=str(seconds)
        )
        settings = plan.settings(working.folder, working.shared)
        async with working.load():
            await asyncio.sleep(2.5)
            async with asyncio.timeout(60):
                while (await read_journals(settings)).events["delivery.failed"] <= CASES / 4:
                    await asyncio.sleep(0.2)
            await wrong.kill()
            working.ports.remove(wrong.port)
            working.processes.remove(wrong)
            late = receiver(port, working.folder / "effects.jsonl")
            await late.__aenter__()
        verdict = await working.judge()
        happened = await moments(working, plan)
        await late.__aexit__(None, None, None)
    assert working.journals.events["delivery.failed"] > CASES / 4
    assert verdict.violations == ()
    assert verdict.acknowledged == CASES
    assert began - TOLERATED < min(happened) <= max(happened) < time.time() + TOLERATED
