"""How are many scenarios played, a few at a time, and how is it proven that they notice a missing protection?"""

import asyncio
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from leitstand.drill.databases import Databases
from leitstand.drill.mutations import MUTATIONS, Mutation, without
from leitstand.drill.play import Outcome, play
from leitstand.drill.scenario import Scenario
from leitstand.drill.stage import Drilled

AT_ONCE = 4
"""Scenarios played at once: most of their time they wait."""

PROCESSES = 2
"""Processes at once, each without one protection."""

Seen = Callable[[Outcome], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What came of the scenario that must turn red without the protection."""

    mutation: Mutation
    outcome: Outcome

    @property
    def caught(self) -> bool:
        """Whether the drill noticed: an expectation failed; an error of the drill itself proves nothing."""
        return self.outcome.status == "failed"


async def play_all(
    drilled: Drilled, scenarios: Sequence[Scenario], seed: int, databases: Databases, seen: Seen
) -> tuple[Outcome, ...]:
    """The outcome of each scenario, in their order; ``seen`` hears of each as it comes."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(scenario: Scenario) -> Outcome:
        async with room, databases() as url:
            outcome = await play(_with_database(drilled, url), scenario, seed)
        seen(outcome)
        return outcome

    return tuple(await asyncio.gather(*(one(scenario) for scenario in scenarios)))


async def prove_all(
    drilled: Drilled, scenarios: Sequence[Scenario], seed: int, databases: Databases, seen: Seen
) -> tuple[Proof, ...]:
    """What the drill says without each protection whose scenario is among these; each in a process of its own."""
    by_id = {scenario.id: scenario for scenario in scenarios}
    room, spawn = asyncio.Semaphore(PROCESSES), multiprocessing.get_context("spawn")
    loop = asyncio.get_running_loop()

    async def one(mutation: Mutation) -> Proof:
        async with room, databases() as url:
            lent = _with_database(drilled, url)
            work = partial(_mutated, lent, by_id[mutation.scenario], seed, mutation.protection)
            outcome = await loop.run_in_executor(pool, work)
        seen(outcome)
        return Proof(mutation=mutation, outcome=outcome)

    with ProcessPoolExecutor(PROCESSES, mp_context=spawn, max_tasks_per_child=1) as pool:
        return tuple(await asyncio.gather(*(one(each) for each in MUTATIONS if each.scenario in by_id)))


def _mutated(drilled: Drilled, scenario: Scenario, seed: int, protection: str) -> Outcome:
    """The outcome in this process, without the protection of that name."""
    mutation = next(each for each in MUTATIONS if each.protection == protection)
    try:
        with without(mutation):
            return asyncio.run(play(drilled, scenario, seed))
    except (AttributeError, ImportError) as error:
        return Outcome(scenario=scenario, status="error", why=f"nothing to replace: {error}")


def _with_database(drilled: Drilled, url: str) -> Drilled:
    return replace(drilled, settings=replace(drilled.settings, database_url=url))
