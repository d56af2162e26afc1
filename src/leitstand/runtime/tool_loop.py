"""What becomes of the tools that a model asks for: called, proposed to a person or refused, and told to it as data?"""

import asyncio
from dataclasses import dataclass

from leitstand.domain.message import ToolCall, ToolRound
from leitstand.domain.retrieval import Passage
from leitstand.domain.structured_output import parse_output
from leitstand.domain.tool import (
    Ruling,
    UseState,
    call_key,
    gives_up,
    rule,
)
from leitstand.domain.tool_event import ToolCallFinished, ToolCallIntended, ToolCallProposed, ToolCallRefused
from leitstand.domain.tool_told import (
    Told,
    proposal_told,
    refusal_told,
    sources_of,
    with_source,
)
from leitstand.encoding import canonical
from leitstand.ports import Data
from leitstand.runtime.run_case import Run
from leitstand.runtime.tool_call import ReadyTool, told_of

MOST_DETAIL = 500
"""Characters of what a model is told about arguments that do not fit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A call that a model asked for, as it was read; ``problem`` says why its arguments cannot be used."""

    number: int
    ready: ReadyTool | None
    arguments: Data
    problem: str


async def answer_calls(run: Run, deadline: int) -> str:
    """Deal with every call that was asked for and not dealt with yet.

    Returns the code of the reason why the draft ends without another model call, ``""`` when there is none.
    """
    rounds = sum(bool(attempt.tools) for attempt in run.case.attempts)
    most_rounds = run.installed.workflow.draft.tool_rounds
    if reason := gives_up(rounds, run.case.tool_uses, most_rounds):
        return reason
    running: list[Asked] = []
    for number, use in enumerate(run.case.tool_uses, 1):
        if use.state is UseState.UNDER_WAY:
            running.append(await asked(run, number))
        elif use.state is UseState.ASKED:
            call = await asked(run, number)
            earlier = run.case.tool_uses[: number - 1]
            ruling = rule(call.ready.tool if call.ready else None, fits=not call.problem, earlier=earlier)
            if _begin(run, call, ruling):
                running.append(call)
        if reason := gives_up(rounds, run.case.tool_uses, most_rounds):
            return reason
    if running:
        await run.journal.save()
        run.parts.stops.heed(run.case)
        await asyncio.gather(*(_call(run, call, deadline) for call in running))
    return ""


async def asked(run: Run, number: int) -> Asked:
    """The call with that number of the case, as the model wrote it and as it was read."""
    call = await _written(run, number)
    ready = run.installed.tools.get(call.name)
    if ready is None:
        known = ", ".join(run.installed.tools)
        return Asked(number=number, ready=None, arguments={}, problem=f"there is no such tool; there are: {known}")
    parsed = parse_output(call.arguments.strip() or "{}")
    if parsed.value is None or parsed.repaired:
        problem = parsed.problem or "there is something around the JSON object"
        return Asked(number=number, ready=ready, arguments={}, problem=problem)
    breaches = ready.problems(parsed.value)
    problem = "; ".join(f"{pointer or '/'}: {what}" for pointer, what in breaches[:5])
    return Asked(number=number, ready=ready, arguments=parsed.value, problem=problem[:MOST_DETAIL])


async def rounds_of(run: Run, passages: int) -> tuple[ToolRound, ...]:
    """What was asked of tools so far and what the models are told of it; results are cited behind the passages."""
    rounds, number, left = [], 0, 0
    told = await _told(run)
    if run.installed.workflow.draft.text:
        for place, each in enumerate(sources_of(told, run.case.tool_uses), passages + 1):
            told[each] = with_source(told[each], place)
    for attempt in run.case.attempts:
        left += not attempt.withheld
        if attempt.tools:
            numbers = range(number + 1, number + 1 + len(attempt.tools))
            calls = tuple([await _written(run, each) for each in numbers])
            results = tuple([canonical(told.get(each)).decode() for each in numbers])
            text = str(await run.content(f"answer.{left}") or "")
            thought = str(await run.content(f"thought.{left}") or "")
            rounds.append(ToolRound(text=text, calls=calls, results=results, target=attempt.target, thought=thought))
            number += len(attempt.tools)
    return tuple(rounds)


async def tool_sources(run: Run) -> tuple[Passage, ...]:
    """The results of tools as sources, in citation order."""
    return tuple(sources_of(await _told(run), run.case.tool_uses).values())


async def _told(run: Run) -> dict[int, Told]:
    """What the models were told of each call that was dealt with."""
    found = {number: await run.content(f"result.{number}") for number in range(1, len(run.case.tool_uses) + 1)}
    return {number: told for number, told in found.items() if isinstance(told, dict)}


async def _written(run: Run, number: int) -> ToolCall:
    stored = await run.content(f"call.{number}")
    return stored if isinstance(stored, ToolCall) else ToolCall(**stored)  # type: ignore[arg-type]


def _begin(run: Run, call: Asked, ruling: Ruling) -> bool:
    """Note what happens to a call; True when it is to be made now."""
    tool = call.ready.tool if call.ready else None
    match ruling.action:
        case "call":
            assert tool is not None
            key = call_key(run.case.case_id, call.number)
            run.journal.note(ToolCallIntended(number=call.number, tool=tool.name, effect=tool.effect, key=key))
            return True
        case "propose":
            assert tool is not None
            event = ToolCallProposed(number=call.number, tool=tool.name, effect=tool.effect)
            run.journal.note(event, _kept(run, call, proposal_told()))
        case "refuse":
            refused = ToolCallRefused(number=call.number, tool=tool.name if tool else "", reason=ruling.reason)
            detail = call.problem or f"at most {tool.most_calls if tool else 0} calls in one case"
            run.journal.note(refused, _kept(run, call, refusal_told(ruling.reason, detail)))
    return False


async def _call(run: Run, call: Asked, deadline: int) -> None:
    """Make one call and note what came of it."""
    assert call.ready is not None
    began, key = run.parts.clock(), call_key(run.case.case_id, call.number)
    error, told = await told_of(call.ready, call.arguments, key, max(deadline - began, 1) / 1e6)
    duration = run.parts.clock() - began
    event = ToolCallFinished(number=call.number, tool=call.ready.tool.name, error=error, duration=duration)
    run.journal.note(event, _kept(run, call, told))


def _kept(run: Run, call: Asked, told: Told) -> Data:
    return run.keep(**{f"result.{call.number}": told})
