"""Where does each limit of a workflow stand, in words?"""

from dataclasses import dataclass

from leitstand.domain.errors import translatable
from leitstand.domain.workflow import Workflow
from leitstand.runtime.parts import Parts
from leitstand.runtime.spending import Asked, Standing, standings
from leitstand.web.speech import Speech

NAMES = {"day": translatable("Budget today"), "month": translatable("Budget this month")}
WARNINGS = {"soft": translatable("nearly used up"), "hard": translatable("used up")}


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetLine:
    """A limit: its name, what of it is taken, and a warning if it is time for one."""

    name: str
    value: str
    warning: str


async def budget_lines(parts: Parts, tenant_id: str, workflow: Workflow, say: Speech) -> tuple[BudgetLine, ...]:
    """The limits of this day and month, read from the accounts that they are held against."""
    found = await standings(parts.ledger, [workflow], Asked(tenant_id=tenant_id, at=parts.clock(), per_tenant={}))
    return tuple(_line(standing, say) for standing in found)


def _line(standing: Standing, say: Speech) -> BudgetLine:
    account, currency = standing.account, standing.limit.currency
    value = say(
        "{taken} of {limit}, {percent} %",
        taken=say.money(account.taken, currency),
        limit=say.money(standing.limit.nanos, currency),
        percent=standing.percent,
    )
    if account.unpriced:
        value += ", " + say.plural("{n} call of unknown price", "{n} calls of unknown price", account.unpriced)
    return BudgetLine(
        name=say(NAMES[standing.kind]),
        value=value,
        warning=say(WARNINGS[standing.level]) if standing.level in WARNINGS else "",
    )
