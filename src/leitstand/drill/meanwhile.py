"""What happens while the cases are with the first model: somebody stops the workflow, or another takes cases over?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from typing import Any

from leitstand.domain.review import Person
from leitstand.domain.stop import Scope
from leitstand.drill.planned import Planned, at
from leitstand.drill.stage import Stage
from leitstand.ports import Vacancy
from leitstand.runtime.stop import Wanted, confirm_restart, propose_restart, stop

FIRST, SECOND = (Person(id=f"drill-{name}", name=f"Drill {name}") for name in ("first", "second"))
LONGEST_SECONDS = 5.0
REACTION_SECONDS = 0.5
"""After a stop; what leaves the house later than that, and before the restart, should not have left."""
AGES = 120_000_000
"""Microseconds after which a store takes a case for dropped that it does not hear of."""


async def act(stage: Stage, before: int) -> int | None:
    """Do what the scenario wants as soon as its calls are with the first model, which had ``before`` until now.

    Nothing is delivered when they never come. What left the house while the workflow was stopped; None without a stop.
    """
    left = None
    for fault in at(stage.planned, "operator", "worker"):
        if fault.spec.fault in _ACTS and await _under_way(stage, before + int(fault.number("cases", 4))):
            left = await _ACTS[fault.spec.fault](stage, fault)
    return left


async def _under_way(stage: Stage, count: int) -> bool:
    try:
        await stage.models[0].server.asked(count, LONGEST_SECONDS)
    except TimeoutError:
        return False
    return True


async def _stop(stage: Stage, fault: Planned) -> int:
    """One person stops the workflow and proposes that it goes on; another one confirms it. What left in between."""
    parts, workflow = stage.system.parts, stage.release.workflow.name
    wanted = Wanted(tenant_id=stage.system.tenant_id, scope=Scope.WORKFLOW, subject=workflow, reason="drill")
    made = await stop(parts, wanted, FIRST)
    fault.delivered += fault.strikes()
    await asyncio.sleep(REACTION_SECONDS)
    before = _gone_out(stage)
    await asyncio.sleep(max(0.0, fault.number("seconds", 1.0) - REACTION_SECONDS))
    left = _gone_out(stage) - before
    _, token = await propose_restart(parts, made.stop_id, FIRST)
    await confirm_restart(parts, made.stop_id, SECOND, token)
    return left


def _gone_out(stage: Stage) -> int:
    """Requests that reached models and tools, and deliveries."""
    asked = sum(len(model.server.requests) for model in stage.models)
    return asked + len(stage.tools.ledger) + len(stage.receiver.ledger)


async def _overtake(stage: Stage, fault: Planned) -> None:
    """The cases are claimed, as if they had not been heard of for long, and gone on with from their journals."""
    aged: Any = copy(stage.system.stores.cases)
    clock = stage.system.parts.clock
    aged._clock = lambda: clock() + AGES  # noqa: SLF001  the store's own view of what is old
    for case, crashes in await aged.claim(Vacancy(limit=int(fault.number("cases", 4)))):
        fault.delivered += fault.strikes()
        stage.system.worker.start(case, crashes=crashes)


_ACTS: Mapping[str, Callable[[Stage, Planned], Awaitable[int | None]]] = {"stops": _stop, "overtaken": _overtake}
"""Name of a fault to what is done."""
