"""What is known after the cases came to rest: their events, what callers heard, what services and receiver saw?"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leitstand.domain.case import ENDED, WAITING, Case
from leitstand.domain.errors import StoreUnusable
from leitstand.domain.event import Event
from leitstand.drill.caller import Said
from leitstand.drill.services import Effect
from leitstand.drill.stage import Stage
from leitstand.drill.tool_service import ToolRequest
from leitstand.testing.wire import Received

LOOK_SECONDS = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A case that was accepted: how it stands, its journal, its draft as bytes (empty without one)."""

    case: Case
    events: tuple[Event, ...]
    draft: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Everything that figures are counted from.

    ``requests`` are those of the load at each model service; ``targets`` their names in the order of the chain, and
    ``local`` for its last level; ``tools`` what reached the tools; ``while_stopped`` counts what left the house during
    a stop, if there was one; ``canary`` is the secret of this scenario, ``log`` what was logged meanwhile.
    """

    said: tuple[Said, ...]
    seen: tuple[Seen, ...]
    targets: tuple[str, ...]
    requests: Mapping[str, tuple[Received, ...]]
    ledger: tuple[Effect, ...]
    tools: tuple[ToolRequest, ...]
    while_stopped: int | None
    log: str
    canary: str


async def settled(stage: Stage, said: Sequence[Said], seconds: float) -> tuple[Case, ...]:
    """The accepted cases once all of them ended or wait for a person, or as they are when the time is over."""
    until = time.monotonic() + seconds
    while True:
        cases = tuple([await _case(stage, heard.case_id) for heard in said if heard.case_id])
        if all(case.status in (*ENDED, *WAITING) for case in cases) or time.monotonic() > until:
            return cases
        await asyncio.sleep(LOOK_SECONDS)


async def _case(stage: Stage, case_id: str) -> Case:
    summary = await stage.system.parts.cases.summary(stage.system.tenant_id, case_id)
    if summary is None:
        raise StoreUnusable(path="drill", detail=f"the accepted case {case_id} is gone", way_out="")
    return summary.case


async def seen(stage: Stage, case: Case) -> Seen:
    """Journal and draft of a case."""
    cases, tenant_id = stage.system.parts.cases, stage.system.tenant_id
    contents = await cases.contents(tenant_id, case.case_id, ("draft",))
    return Seen(case=case, events=await cases.events(tenant_id, case.case_id), draft=contents.get("draft", b""))


def targets_of(stage: Stage) -> tuple[str, ...]:
    """The names of the chain's levels."""
    names = [model.name for model in stage.models]
    return (*names, *["local"] * (len(stage.release.workflow.draft.chain) - len(names)))
