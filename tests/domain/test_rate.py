"""Does a bucket give what was agreed and no more, and does a window follow what a service bears?"""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.rate import MINUTE, Bucket, Window

rates = st.integers(1, 10_000)


@given(rates, st.lists(st.tuples(st.integers(0, MINUTE), st.integers(0, 50)), max_size=80))
def test_no_more_leaves_than_a_full_bucket_and_what_flowed_in(per_minute, plan):
    bucket, now, taken = Bucket.full(per_minute, 0), 0, 0
    for pause, amount in plan:
        now += pause
        if bucket.wait(amount, now) == 0:
            bucket = bucket.without(min(amount, per_minute), now)
            taken += min(amount, per_minute)
        assert taken <= per_minute + per_minute * now / MINUTE + 1e-6
        assert bucket.left <= per_minute


@given(rates, st.integers(1, 100_000), st.integers(0, 20_000))
def test_whoever_waits_as_long_as_told_is_served(per_minute, amount, overdrawn):
    bucket = Bucket.full(per_minute, 0).without(overdrawn, 0)
    wait = bucket.wait(amount, 0)
    assert bucket.wait(amount, wait) == 0
    assert wait < 3 or bucket.wait(amount, wait // 2) > 0


def test_a_window_halves_when_a_service_pushes_back_and_grows_until_it_is_none():
    window = Window()
    assert window.has_room(10_000, 0)
    window = window.pushed_back(64, 0)
    assert (window.size, window.has_room(31, 0), window.has_room(32, 0)) == (32, True, False)
    for _ in range(32):
        window = window.answered()
    assert 32.9 < window.size < 33.1
    for _ in range(20):
        window = window.pushed_back(64, 0)
    assert (window.size, window.has_room(0, 0)) == (1.0, True)
    for _ in range(100_000):
        window = window.answered()
    assert window.size == inf


def test_nobody_asks_before_the_time_that_a_service_named():
    window = Window().pushed_back(4, 500).pushed_back(4, 300)
    assert not window.has_room(0, 499)
    assert window.has_room(0, 500)
