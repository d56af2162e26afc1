"""How does a case get its draft from a chain of models, within its deadline?"""

import asyncio
import random
from dataclasses import dataclass, replace

from leitstand.domain.event import CaseDrafted, DraftMissed
from leitstand.domain.message import CALL_OPTIONS, Grounding, Message, Request, ToolRound
from leitstand.domain.model_chain import Moment, Try, next_attempt, untried
from leitstand.ports import Data
from leitstand.runtime.gates import Call
from leitstand.runtime.hedge import hedged
from leitstand.runtime.model_call import ModelCall, Usable, call_model
from leitstand.runtime.preference import preferred
from leitstand.runtime.prepare import prepared
from leitstand.runtime.read_answer import read_answer
from leitstand.runtime.retrieve import passages
from leitstand.runtime.run_case import Run
from leitstand.runtime.tool_loop import answer_calls, rounds_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """What every attempt of a case shares: normalised input, messages, grounding, deadline in UTC microseconds.

    ``order`` are the targets by preference; ``caller`` is who handed the case in; ``rounds`` what was asked of tools.
    """

    given: Data
    messages: tuple[Message, ...]
    options: Data
    grounding: Grounding
    deadline: int
    order: tuple[int, ...]
    caller: str
    rounds: tuple[ToolRound, ...] = ()


async def draft(run: Run) -> None:
    """Ask one target after another until one gives an output that fits the schema, or none is left."""
    settings = run.installed.workflow.draft
    assignment = await _assignment(run)
    while True:
        if reason := await answer_calls(run, assignment.deadline):
            run.journal.note(DraftMissed(reason=reason))
            return
        assignment = replace(assignment, rounds=await rounds_of(run))
        choice = next_attempt(settings.chain, run.case.attempts, _moment(run, assignment))
        if not isinstance(choice, Try):
            run.journal.note(DraftMissed(reason=choice.reason))
            return
        if choice.pause:
            await asyncio.sleep(choice.pause / 1e6)
        if await _attempt(run, choice.target, _with_fewer(run, assignment) if choice.fewer else assignment):
            return


async def grounding_of(run: Run) -> Grounding:
    """Question, language and passages of the case."""
    text = (await prepared(run)).text
    return Grounding(question=text, language=run.case.language, passages=await passages(run))


async def _assignment(run: Run) -> Assignment:
    grounding, given = await grounding_of(run), (await prepared(run)).input
    chat = run.installed.workflow.input.messages
    return Assignment(
        given=given,
        messages=run.installed.render(given, grounding.passages, grounding.language),
        options={name: given[name] for name in CALL_OPTIONS if name in given} if chat else {},
        grounding=grounding,
        deadline=run.parts.clock() + int(run.installed.workflow.draft.deadline_seconds * 1e6),
        order=await preferred(run),
        caller=await run.caller(),
    )


def _with_fewer(run: Run, assignment: Assignment) -> Assignment:
    """The same with the better half of the passages, for a model that has no room for all of them."""
    whole = assignment.grounding
    grounding = replace(whole, passages=whole.passages[: len(whole.passages) // 2])
    messages = run.installed.render(assignment.given, grounding.passages, grounding.language)
    return replace(assignment, grounding=grounding, messages=messages)


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


async def _attempt(run: Run, target: int, assignment: Assignment) -> bool:
    """Ask a target, and where the workflow wants it a second one beside it; True when there is a draft."""
    settings, attempts = run.installed.workflow.draft, run.case.attempts
    again = bool(attempts) and attempts[-1].target == target and attempts[-1].error != ""
    first = _call(run, target, assignment, again=again)
    listener = run.parts.listeners.of(run.case.case_id)
    eager = listener and listener.eager  # who hears pieces hears one answer's
    if settings.hedge_after_seconds is None or eager or run.installed.tools:  # and tools are asked for by one model
        return _drafted(run, target, await call_model(first))

    def second() -> ModelCall | None:
        others = untried(settings.chain, run.case.attempts, assignment.order)
        allowed = others and _moment(run, assignment).may_retry
        return _call(run, others[0], assignment, again=True) if allowed else None

    counts = await hedged(first, second, settings.hedge_after_seconds)
    return isinstance(counts, ModelCall) and _drafted(run, counts.call.index, counts.found)


def _drafted(run: Run, target: int, found: object) -> bool:
    if not isinstance(found, Usable):
        return False
    run.journal.note(CaseDrafted(target=target, fallback=run.case.fell_back), run.keep(draft=found.output))
    return True


def _call(run: Run, index: int, assignment: Assignment, *, again: bool) -> ModelCall:
    """The next call of the case; ``again`` says that it is a retry or a second request."""
    workflow, case, now = run.installed.workflow, run.case, run.parts.clock()
    target, number = workflow.draft.chain[index], run.case.calls + 1
    run.parts.retries.called((case.tenant_id, case.workflow), now, again=again)
    request = Request(
        model=target.model,
        messages=assignment.messages,
        schema=run.installed.output_schema if workflow.draft.form == "json" else None,
        grounding=assignment.grounding,
        timeout=min(target.timeout_seconds, max(assignment.deadline - now, 1) / 1e6),
        key=f"{case.case_id}-{number}",
        options=assignment.options,
        tools=tuple(ready.offer for ready in run.installed.tools.values()),
        rounds=assignment.rounds,
    )
    call = Call(
        tenant_id=case.tenant_id,
        case_id=case.case_id,
        workflow=case.workflow,
        caller=assignment.caller,
        data_class=workflow.data_class,
        purpose="draft",
        target=target,
        index=index,
        attempt=number,
        request=request,
        terms=run.installed.terms[index],
        breaker=workflow.draft.breaker,
    )
    return ModelCall(run, call, lambda answer: read_answer(run.installed, answer, assignment.given))
