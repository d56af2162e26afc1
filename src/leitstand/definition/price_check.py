"""Is the price of every model known, where a workflow refuses to ask those whose price nobody knows?"""

from collections.abc import Collection

from leitstand.definition.documents import Report
from leitstand.definition.places import Place
from leitstand.definition.price_table import with_prices
from leitstand.domain.budget import money
from leitstand.domain.errors import translatable
from leitstand.domain.price import MILLION
from leitstand.domain.workflow import Workflow


def check_prices(workflow: Workflow, paid: Collection[str], report: Report) -> None:
    """Add a problem for every target that would never be asked; ``paid`` are providers that bring no price along."""
    budget = workflow.budget
    currency = money(budget.per_month).currency
    for index, target in enumerate(with_prices(workflow).draft.chain):
        place: Place = ("draft", "chain", index, "price")
        if budget.unknown_price == "allow" or target.provider not in paid:
            continue
        if target.price is None:
            report.add(
                place,
                translatable("Nobody knows what {model} costs, and `budget.unknown_price` is to refuse such calls."),
                translatable(
                    "Add its `price`, zeros for a model of your own; or `budget.unknown_price = "
                    '"allow"`, and no budget holds its calls back.'
                ),
                model=target.name,
            )
        elif budget.converted(target.price.most(MILLION, MILLION), currency) is None:
            report.add(
                place,
                translatable("The price of {model} is in {other}, and nobody has said what that is in {currency}."),
                translatable('Add `exchange = {{ {other} = "..." }}` to `[budget]`: {currency} for one {other}.'),
                model=target.name,
                other=target.price.currency,
                currency=currency,
            )
