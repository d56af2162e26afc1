"""What is asked of every model that may draft a case, and how does that become one call of one of them?"""

from dataclasses import dataclass, replace

from leitstand.domain.message import CALL_OPTIONS, Grounding, Message, Request, ToolRound
from leitstand.ports import Data
from leitstand.runtime.gates import Call
from leitstand.runtime.model_call import ModelCall
from leitstand.runtime.preference import preferred
from leitstand.runtime.prepare import prepared
from leitstand.runtime.read_answer import read_answer
from leitstand.runtime.retrieve import passages
from leitstand.runtime.run_case import Run


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


async def grounding_of(run: Run) -> Grounding:
    """Question, language and passages of the case."""
    text = (await prepared(run)).text
    return Grounding(question=text, language=run.case.language, passages=await passages(run))


async def assignment_of(run: Run) -> Assignment:
    """The assignment of a case; its deadline begins now."""
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


def with_fewer(run: Run, assignment: Assignment) -> Assignment:
    """The same with the better half of the passages, for a model that has no room for all of them."""
    whole = assignment.grounding
    grounding = replace(whole, passages=whole.passages[: len(whole.passages) // 2])
    messages = run.installed.render(assignment.given, grounding.passages, grounding.language)
    return replace(assignment, grounding=grounding, messages=messages)


def call_of(run: Run, index: int, assignment: Assignment) -> ModelCall:
    """The next call of the case, of the target with that number."""
    workflow, case, now = run.installed.workflow, run.case, run.parts.clock()
    target, number = workflow.draft.chain[index], run.case.calls + 1
    request = Request(
        model=target.model,
        messages=assignment.messages,
        schema=run.installed.output_schema if workflow.draft.form == "json" else None,
        grounding=assignment.grounding,
        timeout=min(target.timeout_seconds, max(assignment.deadline - now, 1) / 1e6),
        key=f"{case.case_id}-{number}",
        options=assignment.options,
        tools=tuple(ready.offer for ready in run.installed.tools.values()),
        rounds=tuple(each if each.target == index else replace(each, thought="") for each in assignment.rounds),
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
        route=run.installed.route_of(index),
    )
    return ModelCall(run, call, lambda answer: read_answer(run.installed, answer, assignment.given))
