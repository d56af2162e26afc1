"""Does a server under load get over a disk that is full for a while, with everything done once?"""

import asyncio
import resource
from pathlib import Path

import pytest
from tests.chaos.fleet import Fleet, fleet
from tests.chaos.plan import Plan
from tests.chaos.processes import Process

CASES = 400


def fill(process: Process, data: Path) -> None:
    """No file of the process may grow beyond the largest that it has: the kernel refuses, as on a full disk."""
    largest = max(file.stat().st_size for file in data.glob("leitstand.db*"))
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))


def make_room(process: Process) -> None:
    """Files may grow again."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


async def refusal(working: Fleet, process: Process) -> tuple[int, str, str]:
    """Open cases until one is refused: with which status, code, and pause."""
    number = 0
    while True:
        number += 1
        url, key = f"http://127.0.0.1:{process.port}/v1/workflows/chaos/cases", f"more-{number}"
        given = {"input": {"question": f"How deep is it at quay {number}? " * 60, "number": number}}
        async with working.session.post(url, json=given, headers={"Idempotency-Key": key}) as reply:
            answer = await reply.json()
            if reply.status >= 300:
                return reply.status, answer["code"], reply.headers["Retry-After"]
            working.clients.heard.accepted(key, answer["id"])


@pytest.mark.timeout(200)
async def test_what_was_under_way_goes_on_when_there_is_room(tmp_path: Path) -> None:
    plan = Plan(store="sqlite", cases=CASES)
    async with fleet(tmp_path, plan, join=False) as working:
        (name, port) = plan.processes[0]
        process = await working.join(name, port)
        async with working.load():
            async with asyncio.timeout(30):
                while process.under_way().total() < 16:
                    await asyncio.sleep(0.01)
            fill(process, tmp_path / f"data-{name}")
            async with asyncio.timeout(60):
                status, code, pause = await refusal(working, process)
            await asyncio.sleep(2)
            make_room(process)
        verdict = await working.judge()
    assert (status, code) == (503, "store_unusable")
    assert int(pause) > 0
    assert verdict.violations == ()
    assert verdict.acknowledged >= CASES
