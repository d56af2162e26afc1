"""What may be spent on models, of what is it counted, and what becomes of a call for which there is no room?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from functools import cache
from typing import Literal

from leitstand.domain.keys import described
from leitstand.domain.ledger import Line
from leitstand.domain.price import MILLION, NANOS, Money, Price

AMOUNT = r"^\d+(\.\d{1,9})? [A-Z]{3}$"
"""An amount with its currency."""

MAYBE = f"^$|{AMOUNT}"
"""An amount or none."""


SOFT_PERCENT = 80.0
"""From this share of a limit on there is a warning, unless a workflow says otherwise."""


@cache
def money(text: str) -> Money:
    """An amount as workflows write it: ``9.60 EUR``."""
    value, _, currency = text.partition(" ")
    return Money(nanos=int(Decimal(value) * NANOS), currency=currency)


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """What may be spent on models; a call that finds no room is not made, and policy says what becomes of its case."""

    per_case: str = field(metadata=described("Most that one case may cost.", pattern=AMOUNT, examples=["0.05 EUR"]))
    per_month: str = field(
        metadata=described("Most that a calendar month may cost.", pattern=AMOUNT, examples=["100 EUR"])
    )
    per_day: str = field(
        default="", metadata=described("Most that a day (UTC) may cost.", pattern=MAYBE, examples=["10 EUR"])
    )
    per_caller_day: str = field(
        default="",
        metadata=described("Most that one caller's cases of a day may cost.", pattern=MAYBE, examples=["2 EUR"]),
    )
    per_caller_month: str = field(
        default="",
        metadata=described("Most that one caller's cases may cost in a month.", pattern=MAYBE, examples=["20 EUR"]),
    )
    soft_percent: float = field(
        default=SOFT_PERCENT,
        metadata=described("From this share of a limit on there is a warning.", minimum=1, maximum=100),
    )
    on_soft: Literal["warn", "cheaper"] = field(
        default="warn",
        metadata=described(
            "What happens then beside the warning: nothing, or `cheaper`: a target is passed over if another one of "
            "the chain asks less, though more than nothing."
        ),
    )
    unknown_price: Literal["refuse", "allow"] = field(
        default="refuse",
        metadata=described(
            "Whether a call may be made whose price is unknown; one that may is counted, and no budget holds it back."
        ),
    )
    exchange: Mapping[str, str] = field(
        default_factory=dict,
        metadata=described(
            'What a unit of other currencies is worth in the budget\'s, as `{ USD = "0.92" }`; a price in a currency '
            "that is not named is unknown.",
            propertyNames={"pattern": "^[A-Z]{3}$"},
            additionalProperties={"pattern": r"^\d+(\.\d+)?$"},
        ),
    )

    def limits(self) -> dict[str, Money]:
        """Period or ``case`` of each limit that is set, those of a caller with ``caller-`` in front."""
        given = {
            "case": self.per_case,
            "day": self.per_day,
            "month": self.per_month,
            "caller-day": self.per_caller_day,
            "caller-month": self.per_caller_month,
        }
        return {name: money(text) for name, text in given.items() if text}

    def converted(self, cost: Money, currency: str) -> int | None:
        """Nano-units of ``currency`` that a cost is, rounded up; None when nobody said what it is worth."""
        if cost.currency == currency or cost.nanos == 0:
            return cost.nanos
        rate = self.exchange.get(cost.currency) if currency == money(self.per_month).currency else None
        if rate is None:
            return None
        return int((cost.nanos * Decimal(rate)).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """On which terms a target is asked: its price, None when unknown; whether the chain has a cheaper one; the budget.

    A target that costs nothing is no cheaper one: nobody saves by not asking a model at all.
    """

    budget: Budget
    price: Price | None
    dear: bool = False


def terms_of(budget: Budget, prices: Sequence[Price | None]) -> tuple[Terms, ...]:
    """The terms of each target of a chain."""
    rates = [_rate(budget, price) for price in prices]
    least = min((rate for rate in rates if rate), default=0)
    return tuple(
        Terms(budget=budget, price=price, dear=rate is not None and rate > least > 0)
        for price, rate in zip(prices, rates, strict=True)
    )


def _rate(budget: Budget, price: Price | None) -> int | None:
    """What a thousand tokens each way cost in the currency of the budget, to compare by."""
    if price is None:
        return None
    return budget.converted(price.most(MILLION, MILLION), money(budget.per_month).currency)


def account_names(workflow: str, case_id: str, caller: str, day: str) -> dict[str, str]:
    """The account of each kind of limit; ``day`` is ``2026-11-27``."""
    month = day[:7]
    return {
        "case": f"case/{case_id}",
        "day": f"workflow/{workflow}/{day}",
        "month": f"workflow/{workflow}/{month}",
        "caller-day": f"caller/{workflow}/{caller}/{day}",
        "caller-month": f"caller/{workflow}/{caller}/{month}",
        "tenant-day": f"tenant/{day}",
        "tenant-month": f"tenant/{month}",
    }


def lines_of(
    budget: Budget, limits: Mapping[str, Money], most: Money | None, names: Mapping[str, str]
) -> tuple[Line, ...]:
    """What a call takes at most of the account of each limit."""
    return tuple(
        Line(
            account=names[kind],
            currency=limit.currency,
            amount=None if most is None else budget.converted(most, limit.currency),
            limit=limit.nanos,
        )
        for kind, limit in limits.items()
    )
