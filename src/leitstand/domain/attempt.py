"""What became of one model call, and of the tools that it asked for?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from leitstand.domain.tool import ToolUse, UseState, use_after
from leitstand.domain.tool_event import ToolEvent

WITHHELD = "withheld:"
HALTED = "halted"
"""Error of a call that was given up because of a stop."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One model call; ``error`` is None while it is under way, ``""`` when it was answered.

    One that a gate did not let leave has ``withheld:`` and the reason as its error. ``tools`` are the calls that the
    answer asked for; the calls of a case are numbered from 1 through all its attempts.
    """

    target: int
    error: str | None = None
    retryable: bool = True
    retry_after: int | None = None
    tools: tuple[ToolUse, ...] = ()

    @property
    def withheld(self) -> str:
        """Why it never left; empty for a call that did."""
        return self.error.removeprefix(WITHHELD) if self.error and self.error.startswith(WITHHELD) else ""


Attempts = tuple[Attempt, ...]


def used(attempts: Attempts, number: int, event: ToolEvent) -> Attempts:
    """The attempts after something happened to a tool call."""
    return _changed(attempts, (number,), lambda _: use_after(event))


def approved(attempts: Attempts, numbers: Sequence[int]) -> Attempts:
    """The attempts after a person accepted the tool calls with these numbers; all others that were proposed lapse."""
    return _changed(attempts, numbers, lambda use: replace(use, state=UseState.APPROVED))


def _changed(attempts: Attempts, numbers: Sequence[int], change: Callable[[ToolUse], ToolUse]) -> Attempts:
    changed, number = [], 0
    for attempt in attempts:
        uses = tuple(change(use) if place in numbers else use for place, use in enumerate(attempt.tools, number + 1))
        number += len(uses)
        changed.append(replace(attempt, tools=uses) if uses else attempt)
    return tuple(changed)


def given_up(attempts: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
    """The attempts with those that are under way given up; what came of them is unknown."""
    return tuple(replace(each, error=HALTED) if each.error is None else each for each in attempts)
