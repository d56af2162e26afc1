"""Is a gold case answered as expected, and how good is a level of the chain?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leitstand.domain.statistics import percentile, proportion_interval


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a level made of one gold case; ``took`` in microseconds, ``cost`` in nano-units, None where unknown."""

    passed: bool
    took: int | None
    cost: int | None
    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """A level of the chain alone over the gold cases. An empty sample gives None, never zero."""

    place: int
    provider: str
    model: str
    n: int
    passed: int
    took_p50: int | None
    cost_per_case: int | None
    currency: str

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the share that passes."""
        return proportion_interval(self.passed, self.n) if self.n else None


def level_of(place: int, named: tuple[str, str], outcomes: Sequence[Outcome]) -> Level:
    """What the outcomes add up to; ``named`` is provider and model. One unknown cost makes the cost unknown."""
    times = [outcome.took for outcome in outcomes if outcome.took is not None]
    costs = [outcome.cost for outcome in outcomes if outcome.cost is not None]
    known = bool(outcomes) and len(costs) == len(outcomes)
    return Level(
        place=place,
        provider=named[0],
        model=named[1],
        n=len(outcomes),
        passed=sum(outcome.passed for outcome in outcomes),
        took_p50=int(percentile(times, 0.5)) if times else None,
        cost_per_case=sum(costs) // len(costs) if known else None,
        currency=next((outcome.currency for outcome in outcomes if outcome.currency), ""),
    )


def fulfils(expected: Mapping[str, object], output: Mapping[str, object]) -> bool:
    """Whether an output holds what a gold case expects of it.

    ``facts`` stand in one of its texts, ``fields`` have these values, ``must_refuse`` says whether ``answered`` is
    false.
    """
    said = " ".join(str(value) for value in output.values()).casefold()
    facts, fields = expected.get("facts"), expected.get("fields")
    holds = [str(fact).casefold() in said for fact in facts] if isinstance(facts, Sequence) else []
    if isinstance(fields, Mapping):
        holds += [output.get(name) == value for name, value in fields.items()]
    if "must_refuse" in expected:
        holds.append((output.get("answered") is False) == bool(expected["must_refuse"]))
    return all(holds)
