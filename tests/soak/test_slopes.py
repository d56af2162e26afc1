"""Is growth told from chance?"""

import random

import pytest
from tests.soak.slopes import TOLERATED, student, trend, warmed_up


def line(start: float, an_hour: float, noise: float, count: int = 150) -> list[tuple[float, float]]:
    chance = random.Random(1)
    return [(at, start + an_hour * at / 3600 + chance.gauss(0, noise)) for at in (10.0 * i for i in range(count))]


def test_a_leak_in_noise_grows_and_its_slope_is_found() -> None:
    found = trend(line(100, 60, noise=3))
    assert found.grows
    assert found.low < 60 < found.high
    assert found.high - found.low < 10
    assert found.start == pytest.approx(100, abs=2)


def test_noise_alone_is_flat() -> None:
    assert not any(trend(line(100, 0, noise=3, count=count)).grows for count in (4, 20, 150))


def test_a_sure_growth_that_is_too_small_to_matter_is_flat() -> None:
    found = trend(line(100, 5, noise=0.1))
    assert found.low > 0
    assert not found.grows


def test_less_than_one_piece_is_flat_however_small_the_number() -> None:
    assert not trend(line(6, 1.5, noise=0.01)).grows
    assert trend(line(6, 4.0, noise=0.01)).grows


def test_what_shrinks_is_flat() -> None:
    assert not trend(line(100, -60, noise=3)).grows


def test_growth_that_ends_in_the_first_third_is_warm_up() -> None:
    points = [(float(at), min(100.0, float(at))) for at in range(0, 301, 10)]
    assert not trend(warmed_up(points)).grows
    found = trend(points)
    assert found.low > 0
    assert found.end - found.start >= TOLERATED * found.start


@pytest.mark.parametrize("step", [10, 40, 75, 110, 140])
def test_a_single_step_does_not_go_on(step: int) -> None:
    assert not trend([(10.0 * place, 12.0 + (place >= step)) for place in range(150)]).grows


def test_many_steps_are_growth() -> None:
    assert trend([(10.0 * place, 12.0 + place // 20) for place in range(150)]).grows


@pytest.mark.parametrize(("degrees", "quantile"), [(5, 2.5706), (10, 2.2281), (30, 2.0423), (148, 1.9761)])
def test_the_quantile_is_that_of_student(degrees: int, quantile: float) -> None:
    assert student(degrees) == pytest.approx(quantile, rel=0.01)
