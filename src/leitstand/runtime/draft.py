"""How does a case get its draft from a chain of models, within its deadline?"""

import asyncio
import random
from dataclasses import dataclass

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.event import CaseDrafted, DraftMissed
from leitstand.domain.message import CALL_OPTIONS, Answer, Grounding, Message, Request
from leitstand.domain.model_chain import Try, next_attempt
from leitstand.domain.structured_output import ParsedOutput, parse_output
from leitstand.ports import Data
from leitstand.runtime.gates import Call
from leitstand.runtime.model_call import Usable, call_model
from leitstand.runtime.prepare import prepared
from leitstand.runtime.retrieve import passages
from leitstand.runtime.run_case import Run


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """What every attempt of a case shares: normalised input, messages, grounding, deadline in UTC microseconds."""

    given: Data
    messages: tuple[Message, ...]
    options: Data
    grounding: Grounding
    deadline: int


async def draft(run: Run) -> None:
    """Ask one target after another until one gives an output that fits the schema, or none is left."""
    settings = run.installed.workflow.draft
    grounding, given = await grounding_of(run), (await prepared(run)).input
    assignment = Assignment(
        given=given,
        messages=run.installed.render(given, grounding.passages, grounding.language),
        options=_options(run, given),
        grounding=grounding,
        deadline=run.parts.clock() + int(settings.deadline_seconds * 1e6),
    )
    while True:
        left = assignment.deadline - run.parts.clock()
        choice = next_attempt(settings.chain, run.case.attempts, left, random.random())  # noqa: S311  a pause, no secret
        if not isinstance(choice, Try):
            run.journal.note(DraftMissed(reason=choice.reason))
            return
        if choice.pause:
            await asyncio.sleep(choice.pause / 1e6)
        if await _attempt(run, choice.target, assignment):
            return


async def grounding_of(run: Run) -> Grounding:
    """Question, language and passages of the case."""
    text = (await prepared(run)).text
    return Grounding(question=text, language=run.case.language, passages=await passages(run))


def _options(run: Run, given: Data) -> Data:
    """What the caller of a chat asks of the model beside the messages."""
    if not run.installed.workflow.input.messages:
        return {}
    return {name: given[name] for name in CALL_OPTIONS if name in given}


async def _attempt(run: Run, index: int, assignment: Assignment) -> bool:
    """One model call; True when it gave the draft."""
    workflow, case, number = run.installed.workflow, run.case, run.case.calls + 1
    target, left = workflow.draft.chain[index], assignment.deadline - run.parts.clock()
    request = Request(
        model=target.model,
        messages=assignment.messages,
        schema=run.installed.output_schema if workflow.draft.form == "json" else None,
        grounding=assignment.grounding,
        timeout=min(target.timeout_seconds, max(left, 1) / 1e6),
        key=f"{case.case_id}-{number}",
        options=assignment.options,
    )
    call = Call(
        tenant_id=case.tenant_id,
        case_id=case.case_id,
        workflow=case.workflow,
        caller=await run.caller(),
        data_class=workflow.data_class,
        purpose="draft",
        target=target,
        index=index,
        attempt=number,
        request=request,
        route=run.installed.route_of(index),
    )
    found = await call_model(run, call, lambda answer: _read(run, answer, assignment.given))
    if isinstance(found, Usable):
        run.journal.note(CaseDrafted(target=index, fallback=run.case.fell_back), run.keep(draft=found.output))
    return isinstance(found, Usable)


def _read(run: Run, answer: Answer, given: Data) -> Usable | ProviderFailed:
    """The output in the answer: success is a validated payload, not a status code."""
    workflow = run.installed.workflow
    if answer.finish_reason == "length" and not workflow.input.messages:
        detail = "the answer was cut off at the token limit"
        return ProviderFailed(kind="truncated", retryable=False, provider=answer.model, detail=detail)
    if workflow.draft.form == "text":
        parsed = ParsedOutput(value={workflow.draft.text: answer.text})
    else:
        parsed = parse_output(answer.text)
    if parsed.value is None:
        return ProviderFailed(kind="malformed", retryable=True, provider=answer.model, detail=parsed.problem)
    if problems := run.installed.output_problems(parsed.value):
        return ProviderFailed(kind="malformed", retryable=True, provider=answer.model, detail=problems[0][1])
    postprocess = run.installed.hooks.postprocess
    return Usable(output=postprocess(parsed.value, given) if postprocess else parsed.value, repaired=parsed.repaired)
