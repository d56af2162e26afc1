"""Which tool calls wait for a person, what would they do, and what became of calls, in words?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leitstand.domain import event as happened
from leitstand.domain.case import Case
from leitstand.domain.errors import translatable
from leitstand.domain.structured_output import parse_output
from leitstand.domain.tool_event import ToolEvent
from leitstand.domain.workflow import Workflow
from leitstand.encoding import plain
from leitstand.web.pages.words import word
from leitstand.web.speech import Speech

EFFECTS = {
    "read": translatable("reads only"),
    "write": translatable("changes something"),
    "irreversible": translatable("cannot be taken back"),
}

EFFECT_GLYPHS = {"read": "○", "write": "✎", "irreversible": "▲"}

REFUSALS = {
    "unknown_tool": translatable("there is no such tool"),
    "bad_arguments": translatable("its arguments do not fit"),
    "most_calls": translatable("it was called as often as it may be"),
}

TOOL_ERRORS = {
    "timeout": translatable("no answer in time"),
    "unreachable": translatable("not reachable"),
    "unconnected": translatable("no connection came about"),
    "held": translatable("a stop came first"),
    "withheld": translatable("the data may not go there"),
    "refused": translatable("refused"),
    "server_error": translatable("server error"),
    "malformed": translatable("unusable answer"),
    "too_large": translatable("its result is too large"),
    "broken": translatable("broke"),
    "lost": translatable("the process died; nobody knows whether it happened"),
}


RESULT = "result."
"""What the contents begin with that hold what the models were told of calls."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A tool call that happens when the draft is accepted; ``arguments`` are names with their values."""

    number: int
    tool: str
    description: str
    effect: str
    glyph: str
    arguments: tuple[tuple[str, Any], ...]


def content_names(case: Case) -> tuple[str, ...]:
    """The names of the contents of tool calls: what waits, and what the models were told."""
    told = (f"{RESULT}{number}" for number in range(1, len(case.tool_uses) + 1))
    return (*(f"call.{number}" for number in case.proposals), *told)


def told_in(contents: Mapping[str, Any]) -> dict[int, dict[str, object]]:
    """What the models were told of calls, by their numbers."""
    return {int(name.removeprefix(RESULT)): content for name, content in contents.items() if name.startswith(RESULT)}


def proposals_of(case: Case, workflow: Workflow, contents: Mapping[str, bytes], say: Speech) -> tuple[Proposal, ...]:
    """The calls that wait, in their order; one whose content was erased has no arguments."""
    tools, uses = {tool.name: tool for tool in workflow.tools}, case.tool_uses
    found = []
    for number in case.proposals:
        name = f"call.{number}"
        tool = tools[uses[number - 1].tool]
        written = plain(contents[name])["arguments"] if name in contents else ""
        arguments = parse_output(written).value or {}
        found.append(
            Proposal(
                number=number,
                tool=tool.name,
                description=tool.description,
                effect=say(EFFECTS[tool.effect]),
                glyph=EFFECT_GLYPHS[tool.effect],
                arguments=tuple(arguments.items()),
            )
        )
    return tuple(found)


def told(body: ToolEvent, say: Speech) -> tuple[str, str, tuple[str, ...]]:
    """A glyph, what happened to a call, and further facts."""
    match body:
        case happened.ToolCallRefused():
            why = word(REFUSALS, body.reason, say)
            if not body.tool:
                return "⊘", say("A tool that the model asked for was not called: {why}.", why=why), ()
            return "⊘", say("The tool {tool} was not called: {why}.", tool=body.tool, why=why), ()
        case happened.ToolCallProposed():
            text = say("The model proposes to call {tool}; a person decides.", tool=body.tool)
            return "?", text, (word(EFFECTS, body.effect, say),)
        case happened.ToolCallIntended():
            text = say("The call of {tool} was announced, before anything left the house.", tool=body.tool)
            return "↗", text, (word(EFFECTS, body.effect, say),)
        case happened.ToolCallFinished():
            return _finished(body, say)


def _finished(body: happened.ToolCallFinished, say: Speech) -> tuple[str, str, tuple[str, ...]]:
    facts = [say.duration(body.duration)]
    if body.attempt > 1:
        facts.append(say("attempt {n}", n=body.attempt))
    if not body.error:
        return "↙", say("{tool} gave its result.", tool=body.tool), tuple(facts)
    if body.retry_at is not None:
        facts.append(say("it is tried again"))
    error = word(TOOL_ERRORS, body.error, say)
    return "!", say("{tool} gave no result: {error}.", tool=body.tool, error=error), tuple(facts)
