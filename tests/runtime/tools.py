"""How do tests of tools get a tool, a model that asks for one, and somebody who accepts?"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.runtime.conftest import Bench

from leitstand.domain.case import CaseSummary
from leitstand.domain.event import Actor
from leitstand.domain.message import Answer, Request, ToolCall, Usage
from leitstand.domain.review import ReviewDecision, Verb
from leitstand.domain.tool import SideEffect, Tool
from leitstand.json_contract import validator
from leitstand.runtime.review import decide_review
from leitstand.runtime.tool_call import ReadyTool, Send, function

PARAMETERS = {
    "type": "object",
    "properties": {"order": {"type": "string", "pattern": "^[0-9]{1,6}$"}},
    "required": ["order"],
    "additionalProperties": False,
}
FITTING = '{"order": "4711"}'
IDA = Actor(kind="person", id="p-ida")


@dataclass
class Ledger:
    """What a tool was called with, in order; it answers, or fails as often as ``failures`` says."""

    reply: object = "sent on Monday"
    failures: list[Exception] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, arguments: dict[str, object], key: str) -> object:
        """Take a call."""
        self.calls.append((json.dumps(arguments), key))
        if self.failures:
            raise self.failures.pop(0)
        return self.reply


def ready(
    called: Callable[[dict[str, object], str], object],
    effect: SideEffect = SideEffect.READ,
    *,
    name: str = "order_status",
    send: Send | None = None,
    **more: object,
) -> ReadyTool:
    """A tool that calls ``called``."""
    tool = Tool(name=name, description="Where an order is.", effect=effect, function=name, **more)  # type: ignore[arg-type]
    return ReadyTool(tool=tool, parameters=PARAMETERS, problems=validator(PARAMETERS), send=send or function(called))


def asks(*calls: tuple[str, str], text: str = "") -> Answer:
    """An answer that asks for tools: pairs of name and arguments."""
    asked = tuple(ToolCall(name=name, arguments=arguments) for name, arguments in calls)
    usage = Usage(input_tokens=10, output_tokens=5)
    return Answer(text=text, usage=usage, model="m", finish_reason="tool_calls", tool_calls=asked)


def results(request: Request) -> list[dict[str, object]]:
    """What a request tells of the calls so far."""
    return [json.loads(result) for round_ in request.rounds for result in round_.results]


async def decided(bench: Bench, summary: CaseSummary, verb: Verb = Verb.ACCEPT, **more: object) -> CaseSummary:
    """Decide as a person does, and wait until the case is at rest."""
    found = await bench.parts.cases.summary("default", summary.case.case_id)
    assert found is not None
    values = {"verb": verb, "draft_commitment": found.case.draft_commitment, "tool_calls": found.case.proposals}
    if verb is Verb.REJECT:
        values |= {"reason": "wrong", "tool_calls": ()}
    decision = ReviewDecision(**values | more)  # type: ignore[arg-type]
    await decide_review(bench.parts, bench.worker, found, decision, IDA)
    await bench.worker.wait(summary.case.case_id, 10)
    ended = await bench.parts.cases.summary("default", summary.case.case_id)
    assert ended is not None
    return ended
