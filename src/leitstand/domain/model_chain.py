"""Which model to try next, after which pause, and when to give up.

Gates (zones, breakers, rates, budgets, stops) only narrow the choice: a target that one of them withheld is not chosen
again, and some reasons end the draft.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from leitstand.domain.attempt import HALTED, Attempt
from leitstand.domain.drafting import Target
from leitstand.domain.recent import Counts

FIRST_PAUSE = 500_000
"""Longest pause before the first retry in microseconds; it doubles with each further one."""

LONGEST_PAUSE = 10_000_000

LEAST_RETRIES = 10
"""So many retries within the window are always allowed: of few calls no share can be told."""

RETRY_WINDOW = 60_000_000
"""Microseconds over which the share of retries is counted."""

ENDING = {"budget": "budget", "stop": "stopped"}
"""Reasons of a gate that hold for every target, to how the draft ends."""

Order = Literal["listed", "cost", "latency", "quality"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Try:
    """Ask target number ``target`` after ``pause`` microseconds, with ``fewer`` passages when all were too many."""

    target: int
    pause: int
    fewer: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class GiveUp:
    """No target is left: ``exhausted``; no time: ``deadline``; no money: ``budget``; somebody said so: ``stopped``."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What decides beside the chain and its attempts.

    ``time_left`` is what the deadline leaves in microseconds; ``jitter`` in [0, 1) draws the pause; ``order`` are the
    targets by preference; ``may_retry`` says whether the workflow has retries left; ``passages`` how many the prompt
    holds.
    """

    time_left: int
    jitter: float
    order: tuple[int, ...]
    may_retry: bool = True
    passages: int = 0


def next_attempt(chain: Sequence[Target], attempts: Sequence[Attempt], moment: Moment) -> Try | GiveUp:
    """The next attempt.

    A call that a stop cut short is nobody's failure and is asked again. An attempt that nobody finished
    (``error`` None: its process died) counts as one of the target's, and not as a retry of the workflow: that share
    protects a service that fails. A retry whose pause does not fit into the time left goes to the next target instead.
    One that was answered and yet gave no draft asked for tools, and is asked on.
    """
    if moment.time_left <= 0:
        return GiveUp(reason="deadline")
    attempts = [attempt for attempt in attempts if attempt.error != HALTED]
    if not attempts:
        return Try(target=moment.order[0], pause=0)
    last = attempts[-1]
    if last.error == "":
        return Try(target=last.target, pause=0, fewer=_was_too_long(attempts, last.target))
    if ended := ENDING.get(last.withheld):
        return GiveUp(reason=ended)
    if last.error == "context":
        return _after_too_long(chain, attempts, moment)
    return _retry(chain, attempts, moment) or _first_of(untried(chain, attempts, moment.order))


def untried(chain: Sequence[Target], attempts: Sequence[Attempt], order: Sequence[int]) -> tuple[int, ...]:
    """The targets that may still be turned to, by preference: not tried, and with room for what others had none for."""
    tried = {attempt.target for attempt in attempts}
    too_small = max((_room(chain[each.target]) for each in attempts if each.error == "context"), default=0)
    return tuple(target for target in order if target not in tried and not 0 < _room(chain[target]) <= too_small)


def repeats(attempts: Sequence[Attempt], target: int) -> bool:
    """Whether asking that target now is a retry.

    It is none after an answer that only asked for tools, nor after a call that a stop or a dead process cut short.
    """
    return bool(attempts) and attempts[-1].target == target and attempts[-1].error not in ("", None, HALTED)


def ordered(measures: Sequence[float | None]) -> tuple[int, ...]:
    """The targets with the smallest measure first; unknown ones come last, equal ones as they are listed."""
    return tuple(sorted(range(len(measures)), key=lambda target: (measures[target] is None, measures[target] or 0.0)))


def may_retry(counts: Counts, percent: float) -> bool:
    """Whether one more retry (they are the ``bad`` ones) stays within the share of all calls that may be retries."""
    return counts.bad < max(LEAST_RETRIES, counts.calls * percent / 100)


def missed_because(attempts: Sequence[Attempt]) -> str:
    """Why a case has no draft, as policy tells it.

    ``budget``, ``stopped``, ``tool_loop`` when a model asked on and on for tools, or ``no_draft`` for all that failed.
    """
    if attempts and attempts[-1].error == "":
        return "tool_loop"
    return ENDING.get(attempts[-1].withheld, "no_draft") if attempts else "no_draft"


def _retry(chain: Sequence[Target], attempts: Sequence[Attempt], moment: Moment) -> Try | None:
    """The same target once more, where that may help, is allowed, and fits into the time."""
    last = attempts[-1]
    tried = sum(attempt.target == last.target and attempt.error not in ("context", "") for attempt in attempts)
    allowed = moment.may_retry or last.error is None
    if not (last.retryable and allowed and tried <= chain[last.target].retries):
        return None
    pause = int(min(FIRST_PAUSE * 2 ** (tried - 1), LONGEST_PAUSE) * moment.jitter) + (last.retry_after or 0)
    if pause >= moment.time_left or (last.retry_after or 0) > LONGEST_PAUSE:
        return None
    return Try(target=last.target, pause=pause, fewer=_was_too_long(attempts, last.target))


def _after_too_long(chain: Sequence[Target], attempts: Sequence[Attempt], moment: Moment) -> Try | GiveUp:
    """A target known to have more room; else, once in a case, the same with fewer passages; else any that is left."""
    left, target = untried(chain, attempts, moment.order), attempts[-1].target
    roomier = [each for each in left if 0 < _room(chain[target]) < _room(chain[each])]
    if roomier:
        return Try(target=roomier[0], pause=0)
    places = [place for place, each in enumerate(attempts) if each.error == "context"]
    shortened = any(each.target == attempts[place].target for place in places for each in attempts[place + 1 :])
    if moment.passages > 1 and not shortened:
        return Try(target=target, pause=0, fewer=True)
    return _first_of(left)


def _first_of(left: Sequence[int]) -> Try | GiveUp:
    return Try(target=left[0], pause=0) if left else GiveUp(reason="exhausted")


def _was_too_long(attempts: Sequence[Attempt], target: int) -> bool:
    return any(each.target == target and each.error == "context" for each in attempts)


def _room(target: Target) -> int:
    """How many tokens fit; 0 when nobody wrote it down."""
    return target.context_tokens or 0
