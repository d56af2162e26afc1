"""What was measured, against which goal, and is the goal reached?"""

import statistics
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, kw_only=True)
class Round:
    """One program under one load for a few seconds.

    ``cpu`` is microseconds of CPU an answer, ``p50`` and ``p99`` milliseconds; ``client`` and ``other`` are cores in
    use by client and upstream, and by everything that has nothing to do with the measurement.
    """

    program: str
    load: str
    rate: float
    cpu: float
    p50: float
    p99: float
    answers: int
    failures: int
    client: float
    other: float


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One goal: a value per round, and the limit of their median. ``why_not`` says why there is nothing to judge."""

    text: str
    limit: float
    values: list[float] = field(default_factory=list)
    at_least: bool = True
    unit: str = ""
    why_not: str = ""

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return statistics.median(self.values)

    @property
    def reached(self) -> bool | None:
        """None when it was not measured or cannot be judged here."""
        if self.why_not or not self.values:
            return None
        return self.median >= self.limit if self.at_least else self.median <= self.limit

    @property
    def share(self) -> float:
        """How far it went: 1 is the goal, more is better; nothing counts as better than a thousandfold."""
        return self.median / self.limit if self.at_least else self.limit / max(self.median, self.limit / 1000)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the table with all that was measured for it; ``took`` in seconds, ``at`` in UTC.

    A trial was too short to say how fast anything is.
    """

    name: str
    work: str
    goals: list[Goal]
    rounds: list[Round] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    took: float = 0.0
    at: str = ""
    settings: str = ""
    trial: bool = False


def at_least(text: str, limit: float, unit: str = "x") -> Goal:
    """A goal that more is better for."""
    return Goal(text=text, limit=limit, unit=unit)


def at_most(text: str, limit: float, unit: str = "x") -> Goal:
    """A goal that less is better for."""
    return Goal(text=text, limit=limit, unit=unit, at_least=False)


def judged(goal: Goal, values: list[float], why_not: str = "") -> Goal:
    """The goal with what was measured for it, or with the reason why nothing was."""
    return not_run(goal, why_not) if why_not else replace(goal, values=values)


def not_run(goal: Goal, why: str) -> Goal:
    """A goal that nothing was measured for."""
    return replace(goal, values=[], why_not=f"not run: {why}")


def undecided(goal: Goal, why: str) -> Goal:
    """A goal whose figure says nothing about whether it is reached."""
    return replace(goal, why_not=f"not decided: {why}")


def values(rounds: list[Round], program: str, name: str) -> list[float]:
    """One figure of a program, round by round."""
    return [getattr(one, name) for one in rounds if one.program == program]


def ratios(above: list[float], below: list[float]) -> list[float]:
    """Round by round, so that what disturbs a round disturbs both sides."""
    return [one / other for one, other in zip(above, below, strict=True)]


def spread(numbers: list[float], unit: str = "") -> str:
    """Median, lowest and highest: ``35 (33-38) x``."""
    middle = statistics.median(numbers)
    digits = 0 if middle >= 100 else 1 if middle >= 10 else 2
    low, high = (f"{number:.{digits}f}" for number in (min(numbers), max(numbers)))
    return f"{middle:.{digits}f} ({low}–{high}){f' {unit}' if unit and unit != 'x' else unit}"
