"""How fast may somebody ask, and a model be asked? Buckets for what was agreed, a window for what a service bears."""

from dataclasses import dataclass, replace
from math import inf

from leitstand.domain.errors import Overloaded, translatable

MINUTE = 60_000_000
"""In microseconds."""

WIDE_ENOUGH = 256.0
"""A window that has grown to so many calls at once is none any more."""


class CallerTooFast(Overloaded):
    """A caller has used up what the workflow gives him a minute."""

    code = "caller_too_fast"
    message = translatable("{caller} may make {most} {what} a minute in {workflow}, and has made them.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """What is left of a limit per minute at a time in microseconds; below zero it was overdrawn."""

    per_minute: int
    left: float
    at: int

    @classmethod
    def full(cls, per_minute: int, at: int) -> "Bucket":
        """A bucket from which nothing was taken."""
        return cls(per_minute=per_minute, left=per_minute, at=at)

    def refilled(self, now: int) -> "Bucket":
        """The bucket at a later time."""
        gained = max(now - self.at, 0) * self.per_minute / MINUTE
        return replace(self, left=min(self.left + gained, self.per_minute), at=max(now, self.at))

    def wait(self, amount: float, now: int) -> int:
        """Microseconds until so much is there; more than the bucket holds is there when it is full."""
        short = min(amount, self.per_minute) - self.refilled(now).left
        return 0 if short <= 0 else int(short * MINUTE / self.per_minute) + 1

    def without(self, amount: float, now: int) -> "Bucket":
        """The bucket after so much was taken, or, below zero, given back."""
        filled = self.refilled(now)
        return replace(filled, left=min(filled.left - amount, self.per_minute))


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """How many calls a service bears at once, as it lets us know.

    Half as many after it pushed back, then one more with each full round that it answered. It is asked nothing before
    ``closed_until``, when it named a time.
    """

    size: float = inf
    closed_until: int = 0

    def pushed_back(self, under_way: int, until: int) -> "Window":
        """After the service turned a call away while so many, this one included, were under way."""
        return Window(size=max(1.0, min(self.size, under_way) / 2), closed_until=max(self.closed_until, until))

    def answered(self) -> "Window":
        """After the service answered."""
        if self.size == inf:
            return self
        grown = self.size + 1 / self.size
        return replace(self, size=inf if grown >= WIDE_ENOUGH else grown)

    def has_room(self, under_way: int, now: int) -> bool:
        """Whether one more call may leave beside those under way."""
        return now >= self.closed_until and under_way < max(self.size, 1.0)
