"""Does silence count from where it began, unless nobody could have heard what came?"""

import pytest

from leitstand.domain.silence import MOMENT, silent_since


@pytest.mark.parametrize(
    ("now", "since"),
    [(10.5, 10.0), (11.0, 10.0), (11.0 + MOMENT, 10.0), (11.2, 10.2 + MOMENT), (99.0, 98.0 + MOMENT)],
)
def test_a_late_look_leaves_a_moment_to_hear(now: float, since: float) -> None:
    assert silent_since(10.0, 1.0, now) == pytest.approx(since)


def test_a_look_in_time_after_a_late_one_ends_the_wait() -> None:
    since = silent_since(10.0, 1.0, 12.0)
    assert since + 1.0 == pytest.approx(12.0 + MOMENT)
    assert silent_since(since, 1.0, 12.0 + MOMENT) == since
