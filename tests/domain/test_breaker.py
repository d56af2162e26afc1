"""Does a breaker open when it should, keep what fails alone, and find out when that is over?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.breaker import Breaker, BreakerSpec, Outcome, State, after_call, after_probe, probing
from leitstand.domain.recent import Counts, Recent, added, turned

SECOND = 1_000_000
SPEC = BreakerSpec(
    window_seconds=10, least_calls=4, failure_percent=50, slow_percent=75, open_seconds=2, longest_open_seconds=5
)
GOOD, BAD, SLOW = Outcome(False, False), Outcome(True, False), Outcome(False, True)


def after(*outcomes: Outcome, spec: BreakerSpec = SPEC, apart: int = 0) -> Breaker:
    breaker = Breaker()
    for number, outcome in enumerate(outcomes):
        breaker = after_call(breaker, outcome, number * apart, spec)
    return breaker


@pytest.mark.parametrize(
    ("outcomes", "state", "cause"),
    [
        ((), State.CLOSED, ""),
        ((BAD, BAD, BAD), State.CLOSED, ""),
        ((BAD, BAD, BAD, BAD), State.OPEN, "failures"),
        ((GOOD, GOOD, BAD, BAD), State.OPEN, "failures"),
        ((BAD, BAD, GOOD, GOOD), State.CLOSED, ""),
        ((GOOD, GOOD, GOOD, BAD), State.CLOSED, ""),
        ((SLOW, SLOW, SLOW, GOOD), State.CLOSED, ""),
        ((GOOD, SLOW, SLOW, SLOW), State.OPEN, "slowness"),
        ((GOOD, GOOD, SLOW, SLOW), State.CLOSED, ""),
        ((BAD, BAD, SLOW, SLOW), State.OPEN, "failures"),
    ],
)
def test_what_opens_it(outcomes: tuple[Outcome, ...], state: State, cause: str) -> None:
    breaker = after(*outcomes)
    assert (breaker.state, breaker.cause) == (state, cause)


def test_what_is_older_than_the_window_does_not_count() -> None:
    assert after(BAD, BAD, BAD, BAD, apart=11 * SECOND).state is State.CLOSED
    assert after(BAD, BAD, BAD, BAD, apart=1 * SECOND).state is State.OPEN


def test_an_open_breaker_lets_one_probe_through_when_its_pause_is_over() -> None:
    opened = after(BAD, BAD, BAD, BAD)
    assert opened.until == 2 * SECOND
    assert probing(opened, 2 * SECOND - 1, SECOND) is None
    half_open = probing(opened, 2 * SECOND, SECOND)
    assert half_open is not None
    assert (half_open.state, half_open.until) == (State.HALF_OPEN, 3 * SECOND)
    assert probing(half_open, 3 * SECOND - 1, SECOND) is None
    assert probing(half_open, 3 * SECOND, SECOND) is not None  # nobody was heard of


def test_a_good_probe_closes_it_and_a_bad_one_opens_it_for_longer() -> None:
    breaker, pauses = after(BAD, BAD, BAD, BAD), []
    for outcome in (BAD, SLOW, BAD):
        probe = probing(breaker, breaker.until, SECOND)
        assert probe is not None
        breaker = after_probe(probe, outcome, probe.until, SPEC)
        pauses.append(breaker.until - probe.until)
    assert pauses == [4 * SECOND, 5 * SECOND, 5 * SECOND]
    probe = probing(breaker, breaker.until, SECOND)
    assert probe is not None
    assert after_probe(probe, GOOD, 0, SPEC) == Breaker(version=probe.version + 1)


def test_a_probe_that_says_nothing_makes_way_for_another() -> None:
    opened = after(BAD, BAD, BAD, BAD)
    probe = probing(opened, opened.until, SECOND)
    assert probe is not None
    given_up = after_probe(probe, None, opened.until + 5, SPEC)
    assert (given_up.state, given_up.openings) == (State.OPEN, opened.openings)
    assert probing(given_up, opened.until + 5, SECOND) is not None


def test_calls_from_before_change_nothing_any_more() -> None:
    opened = after(BAD, BAD, BAD, BAD)
    assert after_call(opened, GOOD, 1, SPEC) == after_call(opened, BAD, 1, SPEC) == opened


steps = st.lists(
    st.tuples(st.sampled_from(["call", "probe", "end"]), st.sampled_from([GOOD, BAD, SLOW, None]), st.integers(0, 4)),
    max_size=80,
)


@given(steps)
def test_whatever_happens_it_keeps_its_rules(happened: list[tuple[str, Outcome | None, int]]) -> None:
    breaker, now = Breaker(), 0
    for what, outcome, passed in happened:
        now += passed * SECOND // 2
        before = breaker
        if what == "call" and outcome:
            breaker = after_call(before, outcome, now, SPEC)
            if breaker.state is not before.state:
                assert breaker.recent == Recent()
        elif what == "probe":
            probe = probing(before, now, SECOND)
            assert (probe is None) == (before.state is State.CLOSED or now < before.until)
            breaker = probe or before
        elif what == "end" and before.state is State.HALF_OPEN:
            breaker = after_probe(before, outcome, now, SPEC)
            assert (breaker.state is State.CLOSED) == (outcome == GOOD)
        assert (breaker.version > before.version) == (
            (breaker.state, breaker.until) != (before.state, before.until)
            or (what == "end" and before.state is State.HALF_OPEN)
        )
        if breaker.state is State.OPEN:
            assert breaker.openings > 0
            assert breaker.until <= now + 5 * SECOND


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3)), max_size=40))
def test_a_window_counts_what_lies_in_it(calls: list[tuple[int, int]]) -> None:
    recent, now = Recent(), 0
    seen: list[tuple[int, int]] = []
    for passed, number in calls:
        now += passed
        recent = added(recent, now, 10, Counts(number))
        seen.append((now, number))
        counted = turned(recent, now, 10).counts.calls
        assert sum(count for at, count in seen if now - at < 5) <= counted
        assert counted <= sum(count for at, count in seen if now - at < 10)


def test_a_clock_that_was_set_back_begins_the_window_anew() -> None:
    assert added(added(Recent(), 100, 10, Counts(7)), 50, 10, Counts(1)).counts == Counts(1)
