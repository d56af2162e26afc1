"""What can happen to a call that a model asked for: part of ``event``, where every event of a case is.

``number`` counts the calls of a case from 1, whichever model asked. A tool is named only when the workflow has it: what
a model made up is content.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCallRefused:
    """A call was not made; ``reason`` is ``unknown_tool``, ``bad_arguments`` or ``most_calls``.

    Contents: ``result.N``, which is what the model is told of it, as with each of these events.
    """

    type: ClassVar[str] = "tool_call.refused"
    number: int
    tool: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCallProposed:
    """A call that would change something waits for a person. Contents: ``result.N``."""

    type: ClassVar[str] = "tool_call.proposed"
    number: int
    tool: str
    effect: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCallIntended:
    """A tool is about to be called under ``key``; durable before the first byte leaves."""

    type: ClassVar[str] = "tool_call.intended"
    number: int
    tool: str
    effect: str
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCallFinished:
    """A call ended; ``error`` is ``""`` or the kind of failure. It is made again at ``retry_at``, or never when None.

    Contents: ``result.N``; ``outcome.N`` at the end of one that a person had accepted.
    """

    type: ClassVar[str] = "tool_call.finished"
    number: int
    tool: str
    error: str
    duration: int
    attempt: int = 1
    retry_at: int | None = None


ToolEvent = ToolCallRefused | ToolCallProposed | ToolCallIntended | ToolCallFinished
