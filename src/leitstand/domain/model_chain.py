"""Which model to try next, after which pause, and when to give up.

Gates (zones, breakers, rates, budgets, stops) only narrow the choice: a target that one of them withheld is not chosen
again, and some reasons end the draft.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from leitstand.domain.case import Attempt
from leitstand.domain.drafting import Target

FIRST_PAUSE = 250_000
"""Pause before the first retry in microseconds; it doubles with each further one."""

LONGEST_PAUSE = 10_000_000


ENDING = {"budget": "budget", "stop": "stopped"}
"""Reasons of a gate that hold for every target, to how the draft ends."""


def missed_because(attempts: Sequence[Attempt]) -> str:
    """Why a case has no draft, as policy tells it: ``budget``, ``stopped``, or ``no_draft`` for all that failed."""
    return ENDING.get(attempts[-1].withheld, "no_draft") if attempts else "no_draft"


@dataclass(frozen=True, kw_only=True, slots=True)
class Try:
    """Ask target number ``target`` after ``pause`` microseconds."""

    target: int
    pause: int


@dataclass(frozen=True, kw_only=True, slots=True)
class GiveUp:
    """No target is left: ``exhausted``; no time: ``deadline``; no money: ``budget``; somebody said so: ``stopped``."""

    reason: str


def next_attempt(chain: Sequence[Target], attempts: Sequence[Attempt], time_left: int, jitter: float) -> Try | GiveUp:
    """The next attempt.

    ``time_left`` is what the deadline leaves in microseconds; ``jitter`` in [0, 1) draws the pause from the upper
    half of its span, so that callers who failed together do not come back together. An attempt that nobody finished
    (``error`` None: its process died) counts as a failure that may pass. A retry whose pause does not fit into the
    time left goes to the next target instead.
    """
    if time_left <= 0:
        return GiveUp(reason="deadline")
    if not attempts:
        return Try(target=0, pause=0)
    last = attempts[-1]
    if ended := ENDING.get(last.withheld):
        return GiveUp(reason=ended)
    tried = sum(1 for attempt in attempts if attempt.target == last.target)
    if last.retryable and tried <= chain[last.target].retries:
        pause = _pause(tried, last.retry_after, jitter)
        if pause < time_left and pause <= LONGEST_PAUSE:
            return Try(target=last.target, pause=pause)
    if last.target + 1 < len(chain):
        return Try(target=last.target + 1, pause=0)
    return GiveUp(reason="exhausted")


def _pause(tried: int, retry_after: int | None, jitter: float) -> int:
    if retry_after is not None:
        return retry_after
    span = min(FIRST_PAUSE * 2 ** (tried - 1), LONGEST_PAUSE)
    return int(span * (0.5 + jitter / 2))
