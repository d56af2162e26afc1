"""Is a case put aside that ends its process each time, and does everything beside it go on?"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.chaos.fleet import Fleet, fleet
from tests.chaos.plan import Plan
from tests.chaos.processes import Process

from leitstand.assembly import reading
from leitstand.domain.case import MOST_CRASHES, Status
from leitstand.domain.event import CaseQuarantined

CASES, POISON = 120, 40
HOOKS = f"""
import os, signal

def normalise(input):
    if input["number"] == {POISON}:
        os.kill(os.getpid(), signal.SIGKILL)
    return input
"""


@asynccontextmanager
async def supervised(working: Fleet) -> AsyncIterator[list[str]]:
    """Whatever ends is started again at once; the names of what ended, in order."""
    ended: list[str] = []

    async def supervise(process: Process) -> None:
        while True:
            await process.ended()
            ended.append(process.name)
            while True:
                with contextlib.suppress(RuntimeError):
                    await process.start(working.workflow)
                    break
                ended.append(process.name)

    watching = [asyncio.create_task(supervise(process)) for process in working.processes]
    try:
        yield ended
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_it_is_quarantined_and_the_others_are_done(tmp_path: Path, store: str) -> None:
    plan = Plan(store=store, cases=CASES)
    async with fleet(tmp_path, plan, join=False) as working:
        (working.workflow / "hooks.py").write_text(HOOKS)
        for name, port in plan.processes:
            await working.join(name, port)
        async with supervised(working) as ended, working.load():
            pass
        verdict = await working.judge()
        settings = plan.settings(working.folder, working.shared)
        async with reading(settings) as stores:
            poisoned = working.clients.heard.cases[f"chaos-{POISON}"]
            journal = await stores.cases.events(settings.tenant_id, poisoned)
            summary = await stores.cases.summary(settings.tenant_id, poisoned)
    quarantined = [event.body for event in journal if isinstance(event.body, CaseQuarantined)]
    assert [(body.step, body.crashes) for body in quarantined] == [("normalise", MOST_CRASHES)]
    assert summary is not None
    assert summary.case.reasons == ("quarantined",)
    assert summary.case.status is Status.REJECTED, "a person decided on it"
    assert len(ended) == MOST_CRASHES
    assert working.journals.events["case.quarantined"] == 1
    assert verdict.violations == ()
    assert verdict.acknowledged == CASES
