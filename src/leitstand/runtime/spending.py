"""How much of each limit is spent and held back? Read from the accounts that the limits are held against."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from leitstand.domain.budget import SOFT_PERCENT, account_names
from leitstand.domain.ledger import Account
from leitstand.domain.price import Money
from leitstand.domain.workflow import Workflow
from leitstand.registers import Ledger
from leitstand.runtime.budget_gate import day_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where one limit stands: ``workflow`` is empty for those of the tenant, ``kind`` is ``day``, ``month`` ..."""

    workflow: str
    kind: str
    limit: Money
    account: Account
    soft_percent: float

    @property
    def percent(self) -> int:
        """What of the limit is taken, in whole percent."""
        return self.account.taken * 100 // max(self.limit.nanos, 1)

    @property
    def level(self) -> str:
        """``ok``, ``soft`` from the warning on, ``hard`` when nothing is left."""
        if self.account.taken >= self.limit.nanos:
            return "hard"
        return "soft" if self.percent >= self.soft_percent else "ok"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Whose limits are asked for, and when; ``caller`` names one whose own are wanted too."""

    tenant_id: str
    at: int
    per_tenant: Mapping[str, Money]
    caller: str = ""


async def standings(ledger: Ledger, workflows: Iterable[Workflow], asked: Asked) -> tuple[Standing, ...]:
    """Each limit of these workflows and of their tenant; those of single cases are in the cases."""
    wanted = [
        (workflow.name, kind, limit, workflow.budget.soft_percent, names[kind])
        for workflow in workflows
        for names in (account_names(workflow.name, "", asked.caller, day_of(asked.at)),)
        for kind, limit in workflow.budget.limits().items()
        if kind in ("day", "month") or (asked.caller and kind.startswith("caller-"))
    ]
    of_tenant = account_names("", "", "", day_of(asked.at))
    wanted += [("", kind, limit, SOFT_PERCENT, of_tenant[kind]) for kind, limit in asked.per_tenant.items()]
    found = await ledger.accounts(asked.tenant_id, [name for *_, name in wanted])
    accounts = {(account.name, account.currency): account for account in found}
    return tuple(
        Standing(
            workflow=workflow,
            kind=kind,
            limit=limit,
            account=accounts.get((name, limit.currency), Account(name=name, currency=limit.currency)),
            soft_percent=soft,
        )
        for workflow, kind, limit, soft, name in wanted
    )
