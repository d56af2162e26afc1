"""May a model service be asked, or does it fail so often, or so slowly, that it is left alone for a while?

A breaker is closed while all is well. Too many failures or too many slow answers within a window open it; it lets
nothing through until its pause is over, then one probe at a time: a good one closes it, a bad one opens it for longer.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from leitstand.domain.keys import described
from leitstand.domain.recent import Counts, Recent, added


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakerSpec:
    """When a model service is left alone, and for how long."""

    window_seconds: float = field(
        default=30.0, metadata=described("Calls of so many last seconds count.", minimum=1, maximum=3600)
    )
    least_calls: int = field(
        default=10, metadata=described("Fewer calls in the window say nothing yet.", minimum=1, maximum=100_000)
    )
    failure_percent: float = field(
        default=50.0,
        metadata=described("Share of failures that opens the breaker.", exclusiveMinimum=0, maximum=100),
    )
    slow_seconds: float | None = field(
        default=None,
        metadata=described(
            "A longer answer is slow; half of the target's `timeout_seconds` when left out.", exclusiveMinimum=0
        ),
    )
    slow_percent: float = field(
        default=80.0,
        metadata=described("Share of slow answers that opens the breaker.", exclusiveMinimum=0, maximum=100),
    )
    open_seconds: float = field(
        default=10.0,
        metadata=described(
            "First pause of an open breaker; doubled with each failed probe.", minimum=0.1, maximum=3600
        ),
    )
    longest_open_seconds: float = field(
        default=300.0, metadata=described("Longest pause.", minimum=0.1, maximum=86_400)
    )


class State(StrEnum):
    """How a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Place(NamedTuple):
    """What a breaker is about: a model at an address, as one tenant uses it."""

    tenant_id: str
    provider: str
    model: str
    base_url: str


class Breaker(NamedTuple):
    """A breaker as a value; times are UTC microseconds.

    ``until`` ends the pause of an open breaker, and the patience with the probe of a half-open one. ``openings`` counts
    how often it opened in a row; ``cause`` is ``failures`` or ``slowness``; ``version`` grows with each change of
    state, and so tells two processes which of them changed it last.
    """

    state: State = State.CLOSED
    until: int = 0
    openings: int = 0
    cause: str = ""
    version: int = 0
    recent: Recent = Recent()


class Outcome(NamedTuple):
    """What a call says about its service."""

    bad: bool
    slow: bool


def probing(breaker: Breaker, now: int, patience: int) -> Breaker | None:
    """The breaker while a probe is under way for at most ``patience`` microseconds; None when none may leave now.

    A probe that was not heard of within its patience is followed by another.
    """
    if breaker.state is State.CLOSED or now < breaker.until:
        return None
    return breaker._replace(state=State.HALF_OPEN, until=now + patience, version=breaker.version + 1)


def after_call(breaker: Breaker, outcome: Outcome, now: int, spec: BreakerSpec) -> Breaker:
    """A closed breaker after a call; one that is not closed learns nothing from calls that began before it opened."""
    if breaker.state is not State.CLOSED:
        return breaker
    counts = Counts(1, int(outcome.bad), int(outcome.slow))
    recent = added(breaker.recent, now, int(spec.window_seconds * 1e6), counts)
    cause = _cause(recent.counts, spec) if outcome.bad or outcome.slow else ""
    return _opened(breaker, cause, now, spec) if cause else breaker._replace(recent=recent)


def after_probe(breaker: Breaker, outcome: Outcome | None, now: int, spec: BreakerSpec) -> Breaker:
    """A half-open breaker after its probe; an ``outcome`` of None says nothing, and another probe may leave at once."""
    if outcome is None:
        return breaker._replace(state=State.OPEN, until=now, version=breaker.version + 1)
    if outcome.bad or outcome.slow:
        return _opened(breaker, "failures" if outcome.bad else "slowness", now, spec)
    return Breaker(version=breaker.version + 1)


def _cause(counts: Counts, spec: BreakerSpec) -> str:
    if counts.calls < spec.least_calls:
        return ""
    if counts.bad * 100 >= spec.failure_percent * counts.calls:
        return "failures"
    return "slowness" if counts.slow * 100 >= spec.slow_percent * counts.calls else ""


def _opened(breaker: Breaker, cause: str, now: int, spec: BreakerSpec) -> Breaker:
    longest = max(spec.open_seconds, spec.longest_open_seconds)
    pause = min(spec.open_seconds * 2.0 ** min(breaker.openings, 32), longest)
    return Breaker(
        state=State.OPEN,
        until=now + int(pause * 1e6),
        openings=breaker.openings + 1,
        cause=cause,
        version=breaker.version + 1,
    )
