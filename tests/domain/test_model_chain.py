"""Is the right model tried next, and is there an end to trying?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.attempt import HALTED, Attempt
from leitstand.domain.drafting import Target
from leitstand.domain.model_chain import (
    FIRST_PAUSE,
    LEAST_RETRIES,
    LONGEST_PAUSE,
    GiveUp,
    Moment,
    Try,
    may_retry,
    missed_because,
    next_attempt,
    ordered,
    repeats,
    untried,
)
from leitstand.domain.recent import Counts

CHAIN = (Target(provider="a", retries=2), Target(provider="b", retries=0))
MINUTE = 60_000_000
NOW = Moment(time_left=MINUTE, jitter=0.5, order=(0, 1), passages=4)

SMALL, UNKNOWN, LARGE = (
    Target(provider="s", context_tokens=8_000),
    Target(provider="u"),
    Target(provider="l", context_tokens=128_000),
)


def failed(target: int, *, retryable: bool = True, retry_after: int | None = None) -> Attempt:
    return Attempt(target=target, error="server_error", retryable=retryable, retry_after=retry_after)


def withheld(target: int, reason: str) -> Attempt:
    return Attempt(target=target, error=f"withheld:{reason}", retryable=False)


def too_long(target: int) -> Attempt:
    return Attempt(target=target, error="context", retryable=False)


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ((), Try(target=0, pause=0)),
        ((failed(0),), Try(target=0, pause=FIRST_PAUSE // 2)),
        ((failed(0), failed(0)), Try(target=0, pause=FIRST_PAUSE)),
        ((failed(0), failed(0), failed(0)), Try(target=1, pause=0)),
        ((failed(0, retryable=False),), Try(target=1, pause=0)),
        ((failed(0, retry_after=3_000_000),), Try(target=0, pause=3_000_000 + FIRST_PAUSE // 2)),
        ((failed(0, retry_after=LONGEST_PAUSE + 1),), Try(target=1, pause=0)),
        ((failed(0, retryable=False), failed(1)), GiveUp(reason="exhausted")),
        ((Attempt(target=0),), Try(target=0, pause=FIRST_PAUSE // 2)),
        ((withheld(0, "zone"),), Try(target=1, pause=0)),
        ((failed(0), withheld(0, "breaker")), Try(target=1, pause=0)),
        ((withheld(0, "rate"), withheld(1, "zone")), GiveUp(reason="exhausted")),
        ((withheld(0, "budget"),), GiveUp(reason="budget")),
        ((failed(0), withheld(0, "stop")), GiveUp(reason="stopped")),
    ],
)
def test_the_next_attempt(attempts: tuple[Attempt, ...], expected: Try | GiveUp) -> None:
    assert next_attempt(CHAIN, attempts, NOW) == expected


@pytest.mark.parametrize(
    ("changes", "attempts", "expected"),
    [
        ({"time_left": 0}, (), GiveUp(reason="deadline")),
        ({"time_left": FIRST_PAUSE // 2}, (failed(0),), Try(target=1, pause=0)),
        ({"may_retry": False}, (failed(0),), Try(target=1, pause=0)),
        ({"may_retry": False}, (Attempt(target=0),), Try(target=0, pause=FIRST_PAUSE // 2)),
        ({"jitter": 0.0}, (failed(0),), Try(target=0, pause=0)),
        ({"order": (1, 0)}, (), Try(target=1, pause=0)),
        ({"order": (1, 0)}, (failed(1),), Try(target=0, pause=0)),
        ({"order": (1, 0)}, (failed(1), failed(0, retryable=False)), GiveUp(reason="exhausted")),
    ],
)
def test_the_moment_decides_too(
    changes: dict[str, object], attempts: tuple[Attempt, ...], expected: Try | GiveUp
) -> None:
    assert next_attempt(CHAIN, attempts, replace(NOW, **changes)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chain", "attempts", "passages", "expected"),
    [
        ((SMALL, LARGE), (too_long(0),), 4, Try(target=1, pause=0)),
        ((SMALL, UNKNOWN), (too_long(0),), 4, Try(target=0, pause=0, fewer=True)),
        ((SMALL, UNKNOWN), (too_long(0),), 1, Try(target=1, pause=0)),
        ((UNKNOWN, LARGE), (too_long(0),), 4, Try(target=0, pause=0, fewer=True)),
        ((UNKNOWN, LARGE), (too_long(0), too_long(0)), 4, Try(target=1, pause=0)),
        ((SMALL, SMALL), (too_long(0), too_long(0)), 4, GiveUp(reason="exhausted")),
        ((LARGE, SMALL), (failed(0, retryable=False), too_long(1)), 4, Try(target=1, pause=0, fewer=True)),
        ((SMALL, SMALL, LARGE), (too_long(0),), 4, Try(target=2, pause=0)),
        ((UNKNOWN, UNKNOWN), (too_long(0), too_long(0), too_long(1)), 4, GiveUp(reason="exhausted")),
        ((LARGE,), (too_long(0), failed(0)), 4, Try(target=0, pause=FIRST_PAUSE // 2, fewer=True)),
        ((LARGE,), (too_long(0),), 0, GiveUp(reason="exhausted")),
    ],
)
def test_a_question_that_is_too_long(
    chain: tuple[Target, ...], attempts: tuple[Attempt, ...], passages: int, expected: Try | GiveUp
) -> None:
    moment = replace(NOW, order=tuple(range(len(chain))), passages=passages)
    assert next_attempt(chain, attempts, moment) == expected


targets = st.builds(
    Target, provider=st.just("x"), retries=st.integers(0, 5), context_tokens=st.none() | st.integers(1, 9)
)
ends = st.sampled_from(
    ["server_error", "timeout", "refused", "context", "withheld:zone", "withheld:breaker", "withheld:rate", "cancelled"]
)


@given(st.data(), st.lists(targets, min_size=1, max_size=5))
def test_a_chain_ends_and_keeps_its_rules(data: st.DataObject, chain: list[Target]) -> None:
    order = tuple(data.draw(st.permutations(range(len(chain)))))
    attempts: list[Attempt] = []
    shortened = 0
    while True:
        moment = Moment(
            time_left=data.draw(st.integers(1, MINUTE)),
            jitter=data.draw(st.floats(0, 0.999)),
            order=order,
            may_retry=data.draw(st.booleans()),
            passages=data.draw(st.integers(0, 9)),
        )
        choice = next_attempt(chain, attempts, moment)
        if isinstance(choice, GiveUp):
            break
        assert 0 <= choice.pause < moment.time_left
        assert choice.pause <= 2 * LONGEST_PAUSE
        assert not any(each.withheld for each in attempts if each.target == choice.target)
        again = bool(attempts) and attempts[-1].target == choice.target
        if again and attempts[-1].error != "context":
            assert moment.may_retry
            assert attempts[-1].retryable
        if again and attempts[-1].error == "context":
            shortened += 1
        error, retry_after = data.draw(ends), data.draw(st.none() | st.integers(0, 2**60))
        retryable = not error.startswith("withheld") and error != "context" and data.draw(st.booleans())
        attempts.append(Attempt(target=choice.target, error=error, retryable=retryable, retry_after=retry_after))
    assert shortened <= 1
    for place, target in enumerate(chain):
        called = [each for each in attempts if each.target == place and not each.withheld and each.error != "context"]
        assert len(called) <= 1 + target.retries


@given(st.lists(st.none() | st.floats(0, 1e9), min_size=1, max_size=8))
def test_an_order_has_every_target_once_and_what_is_unknown_last(measures: list[float | None]) -> None:
    order = ordered(measures)
    assert sorted(order) == list(range(len(measures)))
    known = [measures[target] for target in order if measures[target] is not None]
    assert known == sorted(known)  # type: ignore[type-var]
    assert all(measures[target] is None for target in order[len(known) :])


def test_equal_measures_keep_the_order_in_which_targets_are_listed() -> None:
    assert ordered([None, 2.0, 1.0, 2.0, None, 0.0]) == (5, 2, 1, 3, 0, 4)


@pytest.mark.parametrize(
    ("counts", "percent", "allowed"),
    [
        (Counts(calls=1, bad=0), 0.0, True),
        (Counts(calls=10, bad=LEAST_RETRIES - 1), 20.0, True),
        (Counts(calls=10, bad=LEAST_RETRIES), 20.0, False),
        (Counts(calls=1000, bad=199), 20.0, True),
        (Counts(calls=1000, bad=200), 20.0, False),
    ],
)
def test_retries_are_a_share_of_all_calls(counts: Counts, percent: float, allowed: bool) -> None:
    assert may_retry(counts, percent) is allowed


def test_a_second_request_never_goes_to_a_target_that_was_tried_or_withheld() -> None:
    assert untried(CHAIN, (Attempt(target=0),), (0, 1)) == (1,)
    assert untried(CHAIN, (withheld(1, "zone"), Attempt(target=0)), (0, 1)) == ()


@pytest.mark.parametrize(
    ("attempts", "reason"),
    [
        ((), "no_draft"),
        ((failed(0),), "no_draft"),
        ((withheld(0, "zone"),), "no_draft"),
        ((failed(0), withheld(1, "budget")), "budget"),
        ((withheld(0, "stop"),), "stopped"),
    ],
)
def test_why_there_is_no_draft(attempts: tuple[Attempt, ...], reason: str) -> None:
    assert missed_because(attempts) == reason


@pytest.mark.parametrize("error", ["", None, HALTED])
def test_going_on_is_no_retry(error: str | None) -> None:
    assert not repeats((Attempt(target=0, error=error),), 0)
    assert repeats((failed(0),), 0)
    assert not repeats((failed(0),), 1)
