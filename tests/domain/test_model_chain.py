"""Is the right model tried next, and is there an end to trying?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.case import Attempt
from leitstand.domain.drafting import Target
from leitstand.domain.model_chain import FIRST_PAUSE, LONGEST_PAUSE, GiveUp, Try, missed_because, next_attempt

CHAIN = (Target(provider="a", retries=2), Target(provider="b", retries=0))
MINUTE = 60_000_000


def failed(target: int, *, retryable: bool = True, retry_after: int | None = None) -> Attempt:
    return Attempt(target=target, error="server_error", retryable=retryable, retry_after=retry_after)


def withheld(target: int, reason: str) -> Attempt:
    return Attempt(target=target, error=f"withheld:{reason}", retryable=False)


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ((), Try(target=0, pause=0)),
        ((failed(0),), Try(target=0, pause=FIRST_PAUSE // 2)),
        ((failed(0), failed(0)), Try(target=0, pause=FIRST_PAUSE)),
        ((failed(0), failed(0), failed(0)), Try(target=1, pause=0)),
        ((failed(0, retryable=False),), Try(target=1, pause=0)),
        ((failed(0, retry_after=3_000_000),), Try(target=0, pause=3_000_000)),
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
    assert next_attempt(CHAIN, attempts, MINUTE, 0.0) == expected


def test_no_time_left_ends_the_chain() -> None:
    assert next_attempt(CHAIN, (), 0, 0.5) == GiveUp(reason="deadline")


def test_a_pause_that_does_not_fit_goes_to_the_next_target() -> None:
    assert next_attempt(CHAIN, (failed(0),), FIRST_PAUSE // 2, 0.0) == Try(target=1, pause=0)


@given(st.lists(st.booleans(), max_size=30), st.floats(0, 0.999))
def test_a_chain_ends_after_a_bounded_number_of_attempts(outcomes: list[bool], jitter: float) -> None:
    attempts: list[Attempt] = []
    for retryable in outcomes:
        choice = next_attempt(CHAIN, attempts, MINUTE, jitter)
        if isinstance(choice, GiveUp):
            break
        assert 0 <= choice.pause <= LONGEST_PAUSE
        assert not attempts or choice.target >= attempts[-1].target
        attempts.append(failed(choice.target, retryable=retryable))
    assert len(attempts) <= sum(1 + target.retries for target in CHAIN)


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
