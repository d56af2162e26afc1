"""Is a gold case judged by what it expects, and is an unknown sum unknown?"""

import pytest

from leitstand.domain.evaluation import Outcome, fulfils, level_of


@pytest.mark.parametrize(
    ("expected", "output", "holds"),
    [
        ({}, {"answer": "x"}, True),
        ({"facts": ["10:00", "14:00"]}, {"answer": "From 10:00 to 14:00."}, True),
        ({"facts": ["10:00", "14:00"]}, {"answer": "From 10:00."}, False),
        ({"facts": ["NET 30"]}, {"answer": "net 30"}, True),
        ({"fields": {"category": "repair"}}, {"category": "repair", "urgency": "high"}, True),
        ({"fields": {"category": "repair"}}, {"urgency": "high"}, False),
        ({"must_refuse": True}, {"answer": "no", "answered": False}, True),
        ({"must_refuse": True}, {"answer": "yes", "answered": True}, False),
        ({"must_refuse": False}, {"answer": "no", "answered": False}, False),
    ],
)
def test_a_gold_case_holds_or_not(expected: dict[str, object], output: dict[str, object], *, holds: bool) -> None:
    assert fulfils(expected, output) is holds


def outcome(*, passed: bool = True, cost: int | None = 4) -> Outcome:
    return Outcome(passed=passed, took=10, cost=cost, currency="EUR")


def test_a_level_adds_up_and_leaves_unknown_what_is() -> None:
    level = level_of(1, ("template", ""), [outcome(), outcome(passed=False), outcome(cost=None)])
    assert (level.n, level.passed, level.took_p50, level.cost_per_case) == (3, 2, 10, None)
    known = level_of(0, ("a", "b"), [outcome(cost=2), outcome(cost=4)])
    assert (known.cost_per_case, known.currency) == (3, "EUR")
    empty = level_of(0, ("a", "b"), [])
    assert (empty.interval, empty.took_p50, empty.cost_per_case) == (None, None, None)
