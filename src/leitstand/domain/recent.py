"""What happened lately? Counts over a sliding window, kept in two halves."""

from typing import NamedTuple


class Counts(NamedTuple):
    """How many calls there were, and how many of them were bad or slow."""

    calls: int = 0
    bad: int = 0
    slow: int = 0


class Recent(NamedTuple):
    """The counts of the half window that began at ``began`` (UTC microseconds), and of the half before it.

    Together they reach back over one half of the window at least and all of it at most.
    """

    began: int = 0
    now: Counts = Counts()
    before: Counts = Counts()

    @property
    def counts(self) -> Counts:
        """What both halves add up to."""
        (calls, bad, slow), (calls_before, bad_before, slow_before) = self.now, self.before
        return Counts(calls + calls_before, bad + bad_before, slow + slow_before)


def turned(recent: Recent, at: int, window: int) -> Recent:
    """The counts as they are at ``at``: what is older than the window of so many microseconds is forgotten."""
    half, passed = window // 2, at - recent.began
    if 0 <= passed < half:
        return recent
    if half <= passed < 2 * half:
        return Recent(began=recent.began + half, before=recent.now)
    return Recent(began=at)


def added(recent: Recent, at: int, window: int, counts: Counts) -> Recent:
    """The counts with some more."""
    began, (calls, bad, slow), before = turned(recent, at, window)
    return Recent(began, Counts(calls + counts.calls, bad + counts.bad, slow + counts.slow), before)
