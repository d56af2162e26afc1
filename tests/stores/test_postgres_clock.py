"""When does the clock of a database rule over that of this machine?"""

from leitstand.stores.postgres_clock import MOST_DRIFT, SharedClock

MINUTE = 60_000_000


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 10_000 * MINUTE

    def __call__(self) -> int:
        return self.at


def test_a_clock_that_is_about_right_is_left_alone():
    own = Watch()
    clock = SharedClock(own)
    for drift in (-MOST_DRIFT, 0, MOST_DRIFT):
        clock.compare(clock(), own.at + drift)
        assert clock() == own.at


def test_a_wrong_clock_is_put_right_to_the_middle_of_the_question():
    own = Watch()
    clock = SharedClock(own)
    for wrong in (5 * MINUTE, -5 * MINUTE):
        asked, told = clock(), clock() - wrong + 1_000
        own.at += 2_000
        clock.compare(asked, told)
        assert clock() == told + 1_000


def test_it_goes_on_with_the_own_clock_and_follows_when_that_is_set():
    own, true = Watch(), 20_000 * MINUTE
    clock = SharedClock(own)
    clock.compare(clock(), true)
    own.at += MINUTE
    assert clock() == true + MINUTE
    own.at = true + MINUTE
    clock.compare(clock(), true + MINUTE)
    assert clock() == true + MINUTE


def test_a_question_during_which_the_process_slept_says_nothing():
    own = Watch()
    clock = SharedClock(own)
    asked, told = clock(), own.at + 1_000
    own.at += 10 * MINUTE
    clock.compare(asked, told)
    assert clock() == own.at
