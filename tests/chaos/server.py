"""What is killed: the real server, its steps marked from outside, and stretched so that every step is met."""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.chaos.marks import Marks

from leitstand.cli.server import Role, Running, run_server
from leitstand.domain.review import Person
from leitstand.runtime import worker
from leitstand.runtime.run_case import Run
from leitstand.settings import read_settings

PERSON = "u_chaos"

DWELL = 0.02
"""Most seconds that a case stays in a step before, and after, what the step does."""


def main(data: str, port: str, folder: str, marks_file: str, rests: str = "") -> None:
    """Serve the workflow in ``folder``, which is added at the first start; with port 0 only work for others.

    One that ``rests`` leaves all work to others.
    """
    marks = Marks(Path(marks_file))
    steps = dict(worker.STEPS)
    for step, function in worker.STEPS.items():
        steps[step] = _marked(function, step.value, marks)
    worker.STEPS.update(steps)  # type: ignore[attr-defined]
    answers = port != "0"
    settings = read_settings(data=data, port=port, host="127.0.0.1")

    async def begin(running: Running) -> None:
        parts = running.system.parts
        parts.cases.open = _accept_marked(parts.cases.open, marks)  # type: ignore[method-assign]
        if answers and not await parts.releases.pointers():
            await running.system.add(Path(folder), activate=True)
            await parts.people.add_person(running.system.tenant_id, Person(id=PERSON, name="Chaos"))
        await running.open()
        print("ready", flush=True)

    run_server(settings, begin, role=Role(answers=answers, works=not rests))


def _marked(function: Callable[[Run], Awaitable[None]], step: str, marks: Marks) -> Callable[[Run], Awaitable[None]]:
    async def inside(run: Run) -> None:
        slot = marks.enter(step)
        try:
            await asyncio.sleep(DWELL * random.random())
            await function(run)
            await asyncio.sleep(DWELL * random.random())
        finally:
            marks.leave(slot)

    return inside


def _accept_marked(function: Callable[..., Awaitable[object]], marks: Marks) -> Callable[..., Awaitable[object]]:
    async def inside(*given: Any) -> object:
        slot = marks.enter("accept")
        try:
            return await function(*given)
        finally:
            marks.leave(slot)

    return inside


if __name__ == "__main__":
    main(*sys.argv[1:])
