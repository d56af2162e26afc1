"""What does a whole drill consist of: rehearsal, scenarios, proofs, one verdict?"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from leitstand.assembly import now
from leitstand.domain.workflow import Workflow
from leitstand.drill.databases import databases_of
from leitstand.drill.mutations import MUTATIONS
from leitstand.drill.play import Outcome
from leitstand.drill.reading import read_suite
from leitstand.drill.rehearse import rehearsed
from leitstand.drill.report import Drill
from leitstand.drill.scenario import Scenario
from leitstand.drill.suite import play_all, prove_all
from leitstand.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is drilled: a folder, `core`, `all` or ids, the seed, the kind of store, and whether it is proven."""

    folder: Path
    suite: str = "core"
    seed: int = 7
    store: str = "sqlite"
    mutations: bool = False


async def drill(plan: Plan, settings: Settings, seen: Callable[[Outcome], None]) -> Drill:
    """Drill a workflow; ``seen`` hears of each outcome as it comes.

    With ``mutations`` only those scenarios are played that a missing protection must turn red: first with all
    protections, then without one after another.

    Raises ``ConfigurationInvalid``, ``ScenarioUnknown``, ``NothingToDrill``.
    """
    chosen = read_suite(plan.folder).chosen(plan.suite)
    if plan.mutations:
        needed = {mutation.scenario for mutation in MUTATIONS}
        chosen = tuple(scenario for scenario in chosen if scenario.id in needed)
    began, at = time.monotonic(), now()
    with databases_of(plan.store) as databases, unheard():
        drilled = await rehearsed(plan.folder, alone(settings))
        if plan.suite in ("core", "all"):
            chosen = tuple(scenario for scenario in chosen if _applies(scenario, drilled.release.workflow))
        outcomes = await play_all(drilled, chosen, plan.seed, databases, seen)
        proofs = await prove_all(drilled, chosen, plan.seed, databases, seen) if plan.mutations else ()
    return Drill(
        workflow=drilled.release.workflow.name,
        release_digest=drilled.release.digest,
        suite=plan.suite,
        seed=plan.seed,
        store=plan.store,
        at=at,
        seconds=time.monotonic() - began,
        outcomes=outcomes,
        proofs=proofs,
    )


def _applies(scenario: Scenario, workflow: Workflow) -> bool:
    """Whether the workflow has what the faults strike at; a scenario that is named is played all the same."""
    missing = {"retrieval"} if workflow.retrieval is None else set()
    if not workflow.checks:
        missing.add("guards")
    return missing.isdisjoint(inject.at for inject in scenario.inject)


def alone(settings: Settings) -> Settings:
    """The settings of a process that touches nothing of the real one's, and hears of a dead process soon."""
    return replace(
        settings, database_url="", qdrant_url="", otlp_endpoint="", keys=Path(), zones=Path(), lease_seconds=2
    )


@contextmanager
def unheard() -> Iterator[None]:
    """What breaks on purpose is not written to the terminal; each scenario listens to the log itself."""
    silent, log = logging.NullHandler(), logging.getLogger()
    before = log.handlers[:]
    log.handlers[:] = [silent]
    try:
        yield
    finally:
        log.handlers[:] = before
