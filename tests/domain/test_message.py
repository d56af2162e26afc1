"""What does a call cost, and is the unknown kept unknown?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.message import Money, Price, Usage

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
