"""Which limits does a workflow set, in which currency, and on which terms is a target asked?"""

import pytest

from leitstand.domain.budget import Budget, account_names, lines_of, money, terms_of
from leitstand.domain.price import Money, Price

EURO = 1_000_000_000
BUDGET = Budget(per_case="0.05 EUR", per_month="100 EUR", per_caller_day="2 EUR", exchange={"USD": "0.92"})
FREE = Price(input_per_million=0, output_per_million=0, currency="EUR")


def price(euros: int, currency: str = "EUR") -> Price:
    return Price(input_per_million=euros * EURO, output_per_million=euros * EURO, currency=currency)


def test_an_amount_is_exact():
    assert money("0.1 EUR") == Money(nanos=100_000_000, currency="EUR")
    assert money("9.600000001 USD") == Money(nanos=9_600_000_001, currency="USD")


@pytest.mark.parametrize(
    ("cost", "worth"),
    [
        (Money(nanos=7, currency="EUR"), 7),
        (Money(nanos=100, currency="USD"), 92),
        (Money(nanos=1, currency="USD"), 1),
        (Money(nanos=1, currency="CHF"), None),
        (Money(nanos=0, currency="CHF"), 0),
    ],
)
def test_a_cost_is_worth_what_the_workflow_says_and_else_unknown(cost, worth):
    assert BUDGET.converted(cost, "EUR") == worth


def test_the_rate_holds_for_the_currency_of_the_budget_only():
    assert BUDGET.converted(Money(nanos=100, currency="USD"), "CHF") is None
    assert BUDGET.converted(Money(nanos=100, currency="CHF"), "CHF") == 100


def test_a_call_takes_from_the_account_of_each_limit_that_is_set():
    names = account_names("letters", "c-1", "p-1", "2026-11-27")
    limits = {**BUDGET.limits(), "tenant-month": money("500 EUR")}
    lines = lines_of(BUDGET, limits, Money(nanos=100, currency="USD"), names)
    assert [(line.account, line.amount, line.limit) for line in lines] == [
        ("case/c-1", 92, EURO // 20),
        ("workflow/letters/2026-11", 92, 100 * EURO),
        ("caller/letters/p-1/2026-11-27", 92, 2 * EURO),
        ("tenant/2026-11", 92, 500 * EURO),
    ]
    assert {line.amount for line in lines_of(BUDGET, limits, None, names)} == {None}


def test_a_target_is_dear_when_another_asks_less_but_not_when_that_is_free_or_unknown():
    chain = (price(5), price(1), FREE, None, price(1, "USD"), price(9, "CHF"))
    assert [terms.dear for terms in terms_of(BUDGET, chain)] == [True, True, False, False, False, False]
    assert [terms.dear for terms in terms_of(BUDGET, (price(5), FREE))] == [False, False]
