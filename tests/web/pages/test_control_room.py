"""Do the numbers say what the figures say, too few are too few, and unknown stays unknown?"""

from dataclasses import replace

import pytest

from leitstand.domain.budget import Budget
from leitstand.domain.caching import Cache
from leitstand.domain.drafting import Draft, Target
from leitstand.domain.figures import Figures
from leitstand.domain.policy import ReviewPolicy
from leitstand.domain.workflow import Baseline, Normalisation, Owners, ResponseSlo, Workflow
from leitstand.web.pages.cases import Wanted
from leitstand.web.pages.control_room import compared, numbers, reused
from leitstand.web.speech import Speech

EN = Speech("en")
WORKFLOW = Workflow(
    name="help",
    title={"en": "Help"},
    purpose={"en": "Helps"},
    owners=Owners(technical="T", domain="D"),
    data_class="internal",
    risk_class="limited",
    baseline=Baseline(minutes_per_case=6.0, cost_per_case="6.00 EUR", source="a study"),
    slo=ResponseSlo(response_seconds=2, target_percent=95),
    budget=Budget(per_case="0.05 EUR", per_month="100 EUR"),
    input=Normalisation(text="question"),
    draft=Draft(chain=(Target(provider="extractive"),)),
    review=ReviewPolicy(when="flagged", due_minutes=60),
)
FIGURES = Figures(
    accepted=100,
    answered=100,
    in_time=97,
    fallbacks=4,
    by_status={"delivered": 100},
    decisions={"accept": 30, "edit": 8, "reject": 2},
    cost=4_200_000_000,
    currency="EUR",
    costed=100,
    uncosted=0,
    response_p50=1,
    response_p95=2,
    review_seconds=2400,
    timed_reviews=40,
    released_unseen=60,
)
EMPTY = replace(
    FIGURES,
    **dict.fromkeys(
        ("accepted", "answered", "in_time", "fallbacks", "cost", "costed", "review_seconds", "timed_reviews"), 0
    ),
    released_unseen=0,
    decisions={},
    currency="",
)


def tiles(figures: Figures) -> list[tuple[str, str]]:
    return [(number.value, number.standing) for number in numbers(WORKFLOW, figures, Wanted(), EN)]


def test_the_four_numbers_in_their_order() -> None:
    assert tiles(FIGURES) == [("97%", "ok"), ("4%", "ok"), ("0.042\N{NO-BREAK SPACE}EUR", "ok"), ("75%", "none")]


def test_missed_goals_warn() -> None:
    figures = replace(FIGURES, in_time=94, fallbacks=11, cost=5_100_000_000)
    assert [standing for _, standing in tiles(figures)] == ["warn", "warn", "warn", "none"]


def test_few_cases_say_nothing_yet() -> None:
    figures = replace(FIGURES, answered=29, in_time=29, fallbacks=0, costed=29, cost=29, decisions={"accept": 29})
    assert [standing for _, standing in tiles(figures)] == ["few"] * 4


def test_an_empty_sample_is_unknown_and_never_good() -> None:
    assert tiles(EMPTY) == [("unknown", "none")] * 4


def test_one_unknown_cost_makes_the_cost_unknown_and_is_named() -> None:
    cost = numbers(WORKFLOW, replace(FIGURES, uncosted=1), Wanted(workflow="help"), EN)[2]
    assert (cost.value, cost.standing) == ("unknown", "none")
    assert cost.goal == "1 case has an unknown cost"
    assert cost.link == "/cases?workflow=help&only=uncosted"


def test_minutes_and_cost_are_held_against_the_baseline() -> None:
    minutes, cost = compared(WORKFLOW, FIGURES, EN)
    assert (minutes.before, minutes.after) == ("6.0", "0.4")
    # 0.4 minutes at the baseline's rate of 1 EUR a minute, and 0.042 EUR for the models
    assert cost.after.startswith("0.44")
    assert minutes.better is True
    assert minutes.change.startswith("−93")


@pytest.mark.parametrize(
    "figures",
    [EMPTY, replace(FIGURES, timed_reviews=39), replace(FIGURES, uncosted=1), replace(FIGURES, currency="USD")],
)
def test_what_was_not_measured_is_not_compared(figures: Figures) -> None:
    assert compared(WORKFLOW, figures, EN)[1].after == ""


def test_answers_given_again_are_shown_where_there_may_be_any() -> None:
    remembering = replace(WORKFLOW, draft=replace(WORKFLOW.draft, cache=Cache(exact=True)))
    assert reused(WORKFLOW, FIGURES, EN) == ""
    assert reused(WORKFLOW, replace(FIGURES, reuses=5), EN) == "5% of 100 cases"
    assert reused(remembering, replace(FIGURES, reuses=25), EN) == "25% of 100 cases"
    assert reused(remembering, EMPTY, EN) == "unknown of 0 cases"
