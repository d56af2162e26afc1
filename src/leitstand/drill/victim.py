"""What is left of the cases of a worker that was killed (``kill -9``) in the middle of them?"""

import asyncio
import multiprocessing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from leitstand.assembly import assembled, now
from leitstand.domain.release import Release
from leitstand.drill.caller import Door, Said, call
from leitstand.drill.planned import Planned, at, lift
from leitstand.drill.services import ModelService
from leitstand.ports import IndexPlace
from leitstand.settings import Settings
from leitstand.web.app import build_app

LONGEST_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Victim:
    """What a worker needs to work on cases in a process of its own."""

    release: Release
    settings: Settings
    indexes: IndexPlace
    inputs: tuple[Mapping[str, object], ...]


async def left_behind(victim: Victim, models: Sequence[ModelService], planned: Sequence[Planned]) -> tuple[Said, ...]:
    """The cases that a worker had accepted and begun when it was killed; none where no scenario asks for it."""
    kills = [fault for fault in at(planned, "worker") if fault.spec.fault == "killed"]
    if not kills:
        return ()
    count = int(kills[0].number("cases", 4))
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(victim, count, theirs), daemon=True)
    lift(planned, lifted=False)
    await asyncio.to_thread(process.start)  # it returns when the process has read what it is to do
    try:
        said = await asyncio.to_thread(_heard, ours)
        await models[0].server.asked(count, LONGEST_SECONDS)
        kills[0].delivered += kills[0].strikes()
    finally:
        process.kill()
        await asyncio.to_thread(process.join)
        lift(planned, lifted=True)
    return said


def _heard(pipe: Connection) -> tuple[Said, ...]:
    if not pipe.poll(LONGEST_SECONDS):
        raise TimeoutError("the worker that is to be killed does not begin")
    said: tuple[Said, ...] = pipe.recv()
    return said


def _work(victim: Victim, count: int, pipe: Connection) -> None:
    asyncio.run(_accept(victim, count, pipe))


async def _accept(victim: Victim, count: int, pipe: Connection) -> None:
    """Accept cases, say which, and work on them until the end, which comes from outside."""
    async with assembled(victim.settings, indexes=victim.indexes) as system:
        await system.parts.releases.add(victim.release, tenant_id=system.tenant_id, actor_id="drill", at=now())
        await system.activate(victim.release.digest)
        system.worker.begin()
        door = Door(app=build_app(system.parts, system.worker, system.settings), workflow=victim.release.workflow)
        pipe.send(await call(door, victim.inputs[:count], count))
        await asyncio.sleep(LONGEST_SECONDS * 2)
