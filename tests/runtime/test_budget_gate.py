"""Does a call without money never leave, and is what is shown what was spent?"""

import asyncio

from tests.runtime.conftest import Bench, Script

from leitstand.assembly import now
from leitstand.domain.case import Case, Status, fold
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.event import CaseFailed, DraftMissed, ModelCallWithheld
from leitstand.domain.guardrail import Outcome
from leitstand.domain.ledger import Account, Line, Reservation
from leitstand.domain.price import Price, Usage
from leitstand.runtime.budget_gate import ABANDONED_AFTER, BudgetGate
from leitstand.runtime.spending import Asked, Standing, standings

EURO = 1_000_000_000
FREE = Price(input_per_million=0, output_per_million=0, currency="EUR")
DOWN = ProviderFailed(kind="server_error", retryable=False, provider="m", detail="HTTP 500")


def priced(euros: float, *replies: object) -> Script:
    """A model whose every answer, of five output tokens, costs that much; what it may cost at most is far more."""
    price = Price(input_per_million=0, output_per_million=int(euros * EURO * 200_000), currency="EUR")
    return Script(price=price, **({"replies": list(replies)} if replies else {}))


async def budgeted(bench: Bench, *scripts: Script, **budget: object) -> None:
    """A bench with these models and this budget."""
    await bench.end()
    bench.scripts = list(scripts)
    bench.budget = {"per_case": "1000 EUR", "per_month": "10 EUR", **budget}
    bench.begin()
    gate = BudgetGate(bench.stores.ledger, now, {})
    object.__setattr__(bench.parts, "gates", (gate,))
    await bench.activate()


async def shown(bench: Bench, kind: str = "month", caller: str = "") -> Standing:
    asked = Asked(tenant_id="default", at=now(), per_tenant={}, caller=caller)
    workflows = [installed.workflow for installed in bench.parts.installations.all_active("default")]
    return next(one for one in await standings(bench.parts.ledger, workflows, asked) if one.kind == kind)


async def test_cases_spend_until_the_limit_and_the_next_one_asks_nobody(bench: Bench) -> None:
    await budgeted(bench, priced(4))
    cases = [await bench.ask(f"{number}") for number in range(5)]
    statuses = [case.case.status for case in cases]
    assert statuses == [Status.DELIVERED] * 3 + [Status.ESCALATED] * 2
    assert len(bench.scripts[0].requests) == 3
    standing = await shown(bench)
    assert (standing.account.spent, standing.account.reserved) == (12 * EURO, 0)
    assert (standing.percent, standing.level) == (120, "hard")
    assert cases[-1].case.reasons == ("budget",)
    events = await bench.parts.cases.events("default", cases[-1].case.case_id)
    bodies = [event.body for event in events]
    assert ModelCallWithheld(target=0, provider="scripted", model="m0", reason="budget") in bodies
    assert DraftMissed(reason="budget") in bodies


async def test_policy_says_where_a_case_without_money_goes(bench: Bench) -> None:
    bench.review = {"on_budget": "review"}
    await budgeted(bench, priced(20))
    await bench.ask()
    refused = await bench.ask()
    assert (refused.case.status, refused.case.outcome) == (Status.REVIEW, Outcome.REVIEW)


async def test_policy_may_end_a_case_without_money_and_its_reason_is_clear(bench: Bench) -> None:
    bench.review = {"on_budget": "fail"}
    await budgeted(bench, priced(20))
    await bench.ask()
    refused = await bench.ask()
    assert (refused.case.status, refused.case.reasons, refused.case.due_at) == (Status.FAILED, ("budget",), None)
    assert len(bench.scripts[0].requests) == 1
    journal = await bench.parts.cases.events("default", refused.case.case_id)
    assert [event.body for event in journal][-1] == CaseFailed(reason="budget")
    assert fold(journal) == refused.case


async def test_policy_of_the_budget_does_not_end_what_failed_otherwise(bench: Bench) -> None:
    bench.review = {"on_budget": "fail"}
    await budgeted(bench, Script([ProviderFailed(kind="denied", retryable=False, provider="m", detail="no")]))
    failed = await bench.ask()
    assert (failed.case.status, failed.case.reasons) == (Status.ESCALATED, ("no_draft",))


async def test_many_at_once_never_spend_more_than_a_call_too_much(bench: Bench) -> None:
    async def slow() -> str:
        await asyncio.sleep(0.02)
        return '{"answer": "Ja."}'

    await budgeted(bench, priced(0.001, slow), per_month="0.5 EUR")
    await asyncio.gather(*(bench.ask(f"{number}") for number in range(64)))
    standing = await shown(bench)
    assert standing.account.spent == len(bench.scripts[0].requests) * EURO // 1000
    assert standing.account.taken <= EURO // 2 + EURO // 1000
    assert standing.account.reserved == 0


async def test_a_case_has_a_limit_of_its_own(bench: Bench) -> None:
    await budgeted(bench, priced(2, DOWN), priced(2), per_case="1 EUR")
    summary = await bench.ask()
    assert (summary.case.status, len(bench.scripts[1].requests)) == (Status.ESCALATED, 0)
    (account,) = await bench.parts.ledger.accounts("default", [f"case/{summary.case.case_id}"])
    assert account.spent > EURO, "what the first call took nobody knows, so all that was held back counts"


async def test_what_a_service_turned_away_costs_nothing(bench: Bench) -> None:
    turned_away = ProviderFailed(kind="overloaded", retryable=False, usage=Usage.none(), provider="m", detail="429")
    await budgeted(bench, priced(2, turned_away), priced(1))
    assert (await bench.ask()).case.status is Status.DELIVERED
    assert (await shown(bench)).account.spent == EURO


async def test_a_caller_has_limits_of_its_own(bench: Bench) -> None:
    await budgeted(bench, priced(1), per_caller_day="2 EUR", per_month="1000000 EUR")
    statuses = [(await bench.ask(f"{number}")).case.status for number in range(3)]
    assert statuses == [Status.DELIVERED, Status.DELIVERED, Status.ESCALATED]
    assert (await shown(bench, "caller-day", "test")).account.spent == 2 * EURO


async def test_an_unknown_price_is_refused_where_the_workflow_says_so_and_the_next_target_is_asked(
    bench: Bench,
) -> None:
    await budgeted(bench, Script(), Script(price=FREE), unknown_price="refuse")
    summary = await bench.ask()
    assert (summary.case.status, len(bench.scripts[0].requests)) == (Status.DELIVERED, 0)
    assert [attempt.withheld for attempt in summary.case.attempts] == ["price", ""]


async def test_an_unknown_price_that_is_allowed_is_counted_and_never_zero(bench: Bench) -> None:
    await budgeted(bench, Script(), unknown_price="allow")
    summary = await bench.ask()
    assert (summary.case.status, summary.case.cost) == (Status.DELIVERED, None)
    assert (await shown(bench)).account.unpriced == 1


async def test_when_money_gets_short_a_cheaper_target_is_asked(bench: Bench) -> None:
    await budgeted(bench, priced(3), priced(0.0001), per_month="10 EUR", soft_percent=50, on_soft="cheaper")
    for number in range(3):
        await bench.ask(f"{number}")
    assert (len(bench.scripts[0].requests), len(bench.scripts[1].requests)) == (0, 3)
    assert (await shown(bench)).account.reserved == 0


async def test_what_a_dead_process_held_back_counts_as_spent(bench: Bench) -> None:
    await budgeted(bench, priced(1))
    line = Line(account="case/gone", currency="EUR", amount=7)
    at = now() - ABANDONED_AFTER - 1
    await bench.parts.ledger.reserve(Reservation(tenant_id="default", case_id="gone", attempt=1, at=at, lines=(line,)))
    await bench.ask()
    assert await bench.parts.ledger.accounts("default", ["case/gone"]) == (
        Account(name="case/gone", currency="EUR", spent=7),
    )


async def test_what_costs_nothing_touches_no_account(bench: Bench) -> None:
    await budgeted(bench, Script(price=FREE))
    summary = await bench.ask()
    assert isinstance(summary.case, Case)
    assert (await shown(bench)).account == Account(name=(await shown(bench)).account.name, currency="EUR")
