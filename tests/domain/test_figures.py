"""What do counts say about a workflow, and when do they say nothing?"""

import dataclasses

import pytest

from leitstand.domain.figures import Figures

NOTHING = Figures(
    accepted=0,
    answered=0,
    in_time=0,
    fallbacks=0,
    by_status={},
    decisions={},
    cost=0,
    currency="",
    costed=0,
    uncosted=0,
    response_p50=None,
    response_p95=None,
    review_seconds=0,
    timed_reviews=0,
    released_unseen=0,
)
SHARES = ("in_time_percent", "fallback_percent", "cost_per_case", "accepted_as_is_percent", "minutes_per_case")


def figures(**known: object) -> Figures:
    return dataclasses.replace(NOTHING, **known)


@pytest.mark.parametrize("share", SHARES)
def test_an_empty_sample_is_unknown_and_never_zero(share: str) -> None:
    assert getattr(NOTHING, share) is None


@pytest.mark.parametrize(
    ("known", "share", "value"),
    [
        ({"answered": 8, "in_time": 6}, "in_time_percent", 75.0),
        ({"answered": 8, "fallbacks": 0}, "fallback_percent", 0.0),
        ({"costed": 4, "cost": 10}, "cost_per_case", 2),
        ({"costed": 4, "cost": 0}, "cost_per_case", 0),
        ({"costed": 4, "cost": 10, "uncosted": 1}, "cost_per_case", None),
        ({"decisions": {"accept": 3, "edit": 1}}, "accepted_as_is_percent", 75.0),
        ({"decisions": {"reject": 2}}, "accepted_as_is_percent", 0.0),
        (
            {"decisions": {"accept": 2}, "timed_reviews": 2, "review_seconds": 120, "released_unseen": 2},
            "minutes_per_case",
            0.5,
        ),
        ({"decisions": {"accept": 2}, "timed_reviews": 1, "review_seconds": 60}, "minutes_per_case", None),
    ],
)
def test_counts_become_shares(known: dict[str, object], share: str, value: float | None) -> None:
    assert getattr(figures(**known), share) == value
