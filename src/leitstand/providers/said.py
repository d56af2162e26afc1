"""What did a model say in all, and is it an answer? The same for every service, whatever its words for it are."""

from dataclasses import dataclass

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, Request, ToolCall
from leitstand.domain.price import Usage

CUT_OFF = {
    "length": ("truncated", "the answer was cut off at the token limit"),
    "context": ("context", "question and answer together fill the model's context"),
}
"""Finish reasons of an answer that is not whole, and the failure that it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a service said, in one reply or in many pieces; ``reason`` is why it stopped.

    ``reason`` is ``stop``, ``tool_calls``, ``length``, ``context``, ``paused``, ``content_filter`` or a word of the
    service's own.
    """

    text: str
    reason: str
    refused: bool
    usage: Usage
    model: str
    tool_calls: tuple[ToolCall, ...] = ()
    thought: str = ""


def judged(said: Said, request: Request, provider: str) -> Answer:
    """What was said as an answer; raises ``ProviderFailed`` when it is none.

    An object that is cut off is broken; a free text that is cut off is an answer, and its finish reason says so. The
    model of the request stands in where the service does not say which one answered.
    """

    def failed(kind: str, detail: str, *, retryable: bool) -> ProviderFailed:
        return ProviderFailed(kind=kind, retryable=retryable, usage=said.usage, provider=provider, detail=detail)

    if said.refused or said.reason == "content_filter":
        raise failed("filtered", "the model or its filter refused to answer", retryable=False)
    if said.reason == "paused":
        raise failed("truncated", "the model paused in the middle of its turn", retryable=True)
    calls = said.tool_calls if request.tools else ()
    empty = not (said.text.strip() or calls)
    if said.reason in CUT_OFF and (empty or calls or request.schema is not None):
        kind, detail = CUT_OFF[said.reason]
        raise failed(kind, f"{detail} before it began" if empty else detail, retryable=False)
    reason = word("length" if said.reason in CUT_OFF else said.reason)
    if empty:
        raise failed("empty", f"the answer holds no text (finish reason {reason})", retryable=True)
    return Answer(
        text=said.text,
        usage=said.usage,
        model=said.model or request.model,
        finish_reason=reason,
        tool_calls=calls,
        thought=said.thought if calls else "",
    )


def word(text: str) -> str:
    """A word of the service, cut to what may stand in an event."""
    return "".join(
        character for character in text[:40] if character.isascii() and (character.isalnum() or character in "_-/+.")
    )
