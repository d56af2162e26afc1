"""What does a call cost, and is the unknown kept unknown?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.price import MILLION, Money, Price, Tier, Usage

EURO = 1_000_000_000
tokens = st.integers(0, 10_000_000)
prices = st.integers(0, 1_000 * EURO)


def price(each_way: tuple[int, int]) -> Price:
    return Price(input_per_million=each_way[0], output_per_million=each_way[1], currency="EUR")


@pytest.mark.parametrize(
    ("per_million", "usage", "nanos"),
    [
        ((150_000_000, 600_000_000), Usage(input_tokens=1_000_000, output_tokens=1_000_000), 750_000_000),
        ((1, 0), Usage(input_tokens=1, output_tokens=0), 1),
        ((0, 0), Usage(), 0),
        ((0, 2), Usage(input_tokens=None, output_tokens=500_000), 1),
        ((5, 0), Usage(input_tokens=None, output_tokens=3), None),
        ((0, 5), Usage(input_tokens=3, output_tokens=None), None),
    ],
)
def test_a_price_makes_a_cost_of_tokens(per_million: tuple[int, int], usage: Usage, nanos: int | None) -> None:
    assert price(per_million).cost(usage) == (None if nanos is None else Money(nanos=nanos, currency="EUR"))


@given(st.tuples(prices, prices), tokens, tokens, tokens)
def test_a_cost_is_rounded_up_and_grows_with_the_tokens(
    per_million: tuple[int, int], sent: int, received: int, more: int
) -> None:
    cost = price(per_million).cost(Usage(input_tokens=sent, output_tokens=received))
    larger = price(per_million).cost(Usage(input_tokens=sent + more, output_tokens=received))
    exact = sent * per_million[0] + received * per_million[1]
    assert cost is not None
    assert larger is not None
    assert 0 <= cost.nanos * 1_000_000 - exact < 1_000_000
    assert larger.nanos >= cost.nanos


def test_each_class_of_tokens_has_its_own_price() -> None:
    rates = Price(
        input_per_million=MILLION,
        output_per_million=2 * MILLION,
        cached_input_per_million=3 * MILLION,
        cache_write_per_million=5 * MILLION,
        reasoning_per_million=7 * MILLION,
        audio_input_per_million=11 * MILLION,
        audio_output_per_million=13 * MILLION,
        currency="EUR",
    )
    for weight, name in ((1, "input"), (2, "output"), (3, "cached_input"), (7, "reasoning"), (11, "audio_input")):
        usage = replace(Usage(input_tokens=0, output_tokens=0), **{f"{name}_tokens": 100})
        assert rates.cost(usage) == Money(nanos=100 * weight, currency="EUR"), name
    every = Usage(
        input_tokens=1,
        output_tokens=1,
        cached_input_tokens=1,
        cache_write_tokens=1,
        reasoning_tokens=1,
        audio_input_tokens=1,
        audio_output_tokens=1,
    )
    assert rates.cost(every) == Money(nanos=1 + 2 + 3 + 5 + 7 + 11 + 13, currency="EUR")
    assert (every.given, every.made) == (4, 3)


def test_cached_and_reasoning_cost_no_more_than_known_and_what_may_be_dearer_is_unknown() -> None:
    known = Usage(input_tokens=10, output_tokens=10)
    plain = price((MILLION, 2 * MILLION))
    assert plain.cost(replace(known, cached_input_tokens=5, reasoning_tokens=5)) == Money(nanos=45, currency="EUR")
    for name in ("cache_write_tokens", "audio_input_tokens", "audio_output_tokens"):
        assert plain.cost(replace(known, **{name: 1})) is None, name
        assert plain.cost(replace(known, **{name: 0})) == Money(nanos=30, currency="EUR"), name
        assert price((0, 0)).cost(replace(known, **{name: 1})) == Money(nanos=0, currency="EUR"), name


@pytest.mark.parametrize(("given_tokens", "nanos"), [(200, 200), (201, 402), (1000, 2000), (1001, 3003)])
def test_a_long_input_costs_what_its_tier_says_for_all_of_it(given_tokens: int, nanos: int) -> None:
    tiers = (
        Tier(above_input_tokens=200, input_per_million=2 * MILLION, output_per_million=0),
        Tier(above_input_tokens=1000, input_per_million=3 * MILLION, output_per_million=0),
    )
    tiered = Price(input_per_million=MILLION, output_per_million=0, currency="EUR", tiers=tiers)
    usage = Usage(input_tokens=100, cached_input_tokens=given_tokens - 100)
    assert tiered.cost(usage) == Money(nanos=nanos, currency="EUR")
    assert tiered.cost(Usage()) is None
