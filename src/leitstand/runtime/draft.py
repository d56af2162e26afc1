"""How does a case get its draft from a chain of models, within its deadline?"""

import asyncio
import random
from dataclasses import replace

from leitstand.domain.event import CaseDrafted, DraftMissed
from leitstand.domain.model_chain import Moment, Try, next_attempt, repeats, untried
from leitstand.runtime.assignment import Assignment, assignment_of, call_of, with_fewer
from leitstand.runtime.hedge import hedged
from leitstand.runtime.model_call import ModelCall, Usable, call_model
from leitstand.runtime.reuse import asked, meant
from leitstand.runtime.run_case import Run
from leitstand.runtime.tool_loop import answer_calls, rounds_of


async def draft(run: Run) -> None:
    """Ask one target after another until one gives an output that fits the schema, or none is left."""
    chain, assignment = run.installed.workflow.draft.chain, await assignment_of(run)
    while True:
        if run.installed.tools:
            if reason := await answer_calls(run, assignment.deadline):
                run.journal.note(DraftMissed(reason=reason))
                return
            assignment = replace(assignment, rounds=await rounds_of(run, len(assignment.grounding.passages)))
        choice = next_attempt(chain, run.case.attempts, _moment(run, assignment))
        if not isinstance(choice, Try):
            run.journal.note(DraftMissed(reason=choice.reason))
            return
        if repeats(run.case.attempts, choice.target):
            _count(run, again=True)
        if choice.pause:
            await asyncio.sleep(choice.pause / 1e6)
        if await _attempt(run, choice.target, with_fewer(run, assignment) if choice.fewer else assignment):
            return


async def _attempt(run: Run, target: int, assignment: Assignment) -> bool:
    """The answer that is there already, or one of the target; True when there is a draft."""

    def make() -> ModelCall:
        return call_of(run, target, assignment)

    counts = await asked(run, make, lambda first: _ask(run, first, assignment))
    if not isinstance(counts.found, Usable):
        return False
    drafted = CaseDrafted(target=counts.call.index, fallback=counts.call.index != run.case.attempts[0].target)
    run.journal.note(drafted, {**meant(run, counts.call.attempt), **run.keep(draft=counts.found.output)})
    return True


async def _ask(run: Run, first: ModelCall, assignment: Assignment) -> ModelCall:
    """Ask a target, and where the workflow wants it a second one beside it; the call that counts."""
    settings, listener = run.installed.workflow.draft, run.parts.listeners.of(run.case.case_id)
    if not repeats(run.case.attempts, first.call.index):
        _count(run, again=False)  # not earlier: an answer from memory is no call, and makes no room for retries
    eager = listener and listener.eager  # who hears pieces hears one answer's
    if settings.hedge_after_seconds is None or eager or run.installed.tools:  # and tools are asked for by one model
        await call_model(first)
        return first

    def second() -> ModelCall | None:
        others = untried(settings.chain, run.case.attempts, assignment.order)
        if not others or not _moment(run, assignment).may_retry:
            return None
        _count(run, again=True)
        return call_of(run, others[0], assignment)

    counts = await hedged(first, second, settings.hedge_after_seconds)
    return counts if isinstance(counts, ModelCall) else first


def _moment(run: Run, assignment: Assignment) -> Moment:
    now, case = run.parts.clock(), run.case
    percent = run.installed.workflow.draft.retry_percent
    return Moment(
        time_left=assignment.deadline - now,
        jitter=random.random(),  # noqa: S311  a pause, no secret
        order=assignment.order,
        may_retry=not case.attempts or run.parts.retries.may((case.tenant_id, case.workflow), now, percent),
        passages=len(assignment.grounding.passages),
    )


def _count(run: Run, *, again: bool) -> None:
    """Count a call as soon as it is decided, so that all who decide at once see each other's retries."""
    run.parts.retries.called((run.case.tenant_id, run.case.workflow), run.parts.clock(), again=again)
