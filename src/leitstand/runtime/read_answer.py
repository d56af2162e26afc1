"""Is what a model answered a draft?"""

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer
from leitstand.domain.structured_output import ParsedOutput, parse_output
from leitstand.domain.tool import MOST_AT_ONCE
from leitstand.domain.workflow import Workflow
from leitstand.ports import Data
from leitstand.runtime.model_call import Found, ToolsAsked, Usable
from leitstand.runtime.parts import Installed

ENDS = frozenset({"stop", "length", "unknown", "end_turn", "stop_sequence", "eos", "eos_token", "complete"})
"""How services say that a text is over; ``unknown`` is one that never says. A word beyond these may mean anything."""

TOOLS = frozenset({"tool_calls", "function_call", "tool_use"})


def read_answer(installed: Installed, answer: Answer, given: Data) -> Found:
    """The output in the answer: success is a validated payload, not a status code."""
    workflow = installed.workflow
    if installed.tools and answer.tool_calls and answer.finish_reason != "length":
        return _tools_asked(answer)
    if bad_end := _bad_end(answer.finish_reason, workflow):
        kind, detail = bad_end
        return ProviderFailed(kind=kind, retryable=kind == "malformed", provider=answer.model, detail=detail)
    text = workflow.draft.text if workflow.draft.form == "text" else None
    parsed = parse_output(answer.text) if text is None else ParsedOutput(value={text: answer.text})
    problems = () if parsed.value is None else installed.output_problems(parsed.value)
    if parsed.value is None or problems:
        detail = problems[0][1] if problems else parsed.problem
        return ProviderFailed(kind="malformed", retryable=True, provider=answer.model, detail=detail)
    postprocess = installed.hooks.postprocess
    output = postprocess(parsed.value, given) if postprocess else parsed.value
    return Usable(answer=answer, output=output, repaired=parsed.repaired)


def _tools_asked(answer: Answer) -> ToolsAsked | ProviderFailed:
    """What an answer asks of tools, unless that is more than anybody would."""
    if len(answer.tool_calls) <= MOST_AT_ONCE:
        return ToolsAsked(calls=answer.tool_calls)
    detail = f"it asks for {len(answer.tool_calls)} tool calls at once, and {MOST_AT_ONCE} are the most"
    return ProviderFailed(kind="malformed", retryable=True, provider=answer.model, detail=detail)


def _bad_end(reason: str, workflow: Workflow) -> tuple[str, str] | None:
    """Kind and detail of a failure that the finish reason already is; in a chat, who asked is told of a cut."""
    if reason == "content_filter":
        return "filtered", "the model or its filter refused to answer"
    if reason == "length" and not workflow.input.messages:
        return "truncated", "the answer was cut off at the token limit"
    if reason in TOOLS:
        return "malformed", "the model asked for tools that it was not offered"
    if workflow.draft.form == "text" and reason not in ENDS:
        return "malformed", f"nobody knows whether a text that ends with {reason} is whole"
    return None
