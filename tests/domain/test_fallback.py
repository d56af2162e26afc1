"""Do the levels and the reasons add up to the answered cases, whichever way these went?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.attempt import Attempt
from leitstand.domain.fallback import UNUSED, ChainUse, Way, answered_by, uses, why_left

Pairs = list[tuple[int, str | None]]


def way(pairs: Pairs, *, drafted: bool = True, release: str = "a", cases: int = 1) -> Way:
    """Attempts as targets with their errors; another target than the first answered when the last is another."""
    attempts = tuple(Attempt(target=target, error=error) for target, error in pairs)
    fallback = bool(pairs) and pairs[-1][0] != pairs[0][0]
    return Way(release_digest=release, attempts=attempts, drafted=drafted, fallback=fallback, cases=cases)


@pytest.mark.parametrize(
    ("pairs", "level", "reason"),
    [
        ([(0, "")], 0, None),
        ([(0, "timeout"), (0, "")], 0, None),
        ([(0, "timeout"), (0, "server_error"), (1, "")], 1, "server_error"),
        ([(0, "withheld:breaker"), (1, "")], 1, "breaker"),
        ([(0, "timeout"), (1, "malformed"), (2, "")], 2, "timeout"),
        ([(2, "empty"), (0, "")], 0, "empty"),
        ([(0, "cancelled"), (1, "")], 1, "cancelled"),
        ([(0, ""), (1, "")], 1, "unknown"),
        ([(0, None), (1, "")], 1, "unknown"),
    ],
)
def test_a_case_counts_for_one_level_and_falls_back_for_one_reason(
    pairs: Pairs, level: int, reason: str | None
) -> None:
    (use,) = uses([way(pairs)]).values()
    assert use == ChainUse(answers={level: 1}, left={reason: 1} if reason else {})


def test_the_first_of_two_asked_beside_each_other_may_answer() -> None:
    beside = Way(
        release_digest="a",
        attempts=(Attempt(target=0, error=""), Attempt(target=1, error="")),
        drafted=True,
        fallback=False,
        cases=1,
    )
    assert answered_by(beside) == 0


def test_a_case_without_a_draft_is_no_answer_of_any_level_and_may_have_fallen_back() -> None:
    missed = [way([(0, "timeout"), (1, "empty")], drafted=False, cases=3), way([], drafted=False)]
    (use,) = uses(missed).values()
    assert (use.answers, use.left) == ({None: 4}, {"timeout": 3})
    assert use.percent(use.fallbacks) == 75


def test_of_nothing_every_share_is_unknown() -> None:
    assert uses([]) == {}
    assert (UNUSED.answered, UNUSED.percent(0)) == (0, None)
    assert why_left(()) == "unknown"


ATTEMPTS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["", "timeout", "withheld:zone", "denied"])), max_size=6
)


@given(
    st.lists(st.builds(way, ATTEMPTS, drafted=st.booleans(), release=st.sampled_from("ab"), cases=st.integers(1, 9)))
)
def test_levels_add_up_to_the_answers_and_reasons_to_the_fallbacks(ways: list[Way]) -> None:
    found = uses(ways)
    assert set(found) == {each.release_digest for each in ways}
    for release, use in found.items():
        mine = [each for each in ways if each.release_digest == release]
        assert use.answered == sum(each.cases for each in mine)
        assert use.fallbacks == sum(each.cases for each in mine if each.fallback)
        assert use.answers.get(None, 0) == sum(each.cases for each in mine if not (each.drafted and each.attempts))
