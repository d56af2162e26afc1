"""Does a series of samples grow, or does it only move about?

A line is fitted by least squares to what came after the warm-up, the first third. A series *grows* when all hold:

- its 95 % interval of the slope lies above zero,
- over the time measured the line rises by 5 % of where it began or more, and by one whole piece (1 MiB, one file,
  one task) or more, and
- it goes on: the slopes of both halves of that time are above zero, which a single step (one more thread of a pool)
  is not.

Samples close in time are alike, which makes the interval narrower than it should be: that errs towards "grows".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WARM_UP = 1 / 3
TOLERATED = 0.05
LEAST = 1.0
HOUR = 3600.0


@dataclass(frozen=True, kw_only=True)
class Trend:
    """Where the fitted line begins and ends, and its slope an hour with the bounds of its 95 % interval."""

    samples: int
    start: float
    end: float
    slope: float
    low: float
    high: float
    goes_on: bool = True

    @property
    def grows(self) -> bool:
        """Whether the growth is beyond chance, matters, and goes on."""
        return self.low > 0 and self.end - self.start >= max(LEAST, TOLERATED * self.start) and self.goes_on


def warmed_up(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Without the first third of the time."""
    last = points[-1][0]
    return [(at, value) for at, value in points if at >= last * WARM_UP]


def trend(points: Sequence[tuple[float, float]]) -> Trend:
    """The line through seconds and values; at least three points."""
    middle, mean, spread, slope = _line(points)
    rest = sum((value - mean - slope * (at - middle)) ** 2 for at, value in points)
    margin = student(len(points) - 2) * math.sqrt(rest / (len(points) - 2) / spread)
    half = len(points) // 2
    return Trend(
        samples=len(points),
        start=mean + slope * (points[0][0] - middle),
        end=mean + slope * (points[-1][0] - middle),
        slope=slope * HOUR,
        low=(slope - margin) * HOUR,
        high=(slope + margin) * HOUR,
        goes_on=half < 2 or all(_line(part)[3] > 0 for part in (points[:half], points[half:])),
    )


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Middle of the times, mean of the values, spread of the times, and slope."""
    middle, mean = sum(at for at, _ in points) / len(points), sum(value for _, value in points) / len(points)
    spread = sum((at - middle) ** 2 for at, _ in points)
    return middle, mean, spread, sum((at - middle) * (value - mean) for at, value in points) / spread


def student(degrees: int) -> float:
    """The 97.5 % quantile of Student's t, by the expansion of Cornish and Fisher; within 1 % from 5 degrees on."""
    z = 1.959964
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / degrees + second / degrees**2
