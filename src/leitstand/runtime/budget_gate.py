"""Is there money for this call? What it may cost is held back before it leaves and booked once its cost is known."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from leitstand.domain.budget import account_names, lines_of
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.ledger import Reservation
from leitstand.domain.message import Answer, most_tokens
from leitstand.domain.price import Money
from leitstand.places import Clock
from leitstand.registers import Ledger
from leitstand.runtime.gates import Call

_log = logging.getLogger(__name__)

ABANDONED_AFTER = 2 * 3_600_000_000
"""Microseconds after which a reservation that nobody settled is of a process that died: no deadline is as long."""

BETWEEN_SWEEPS = 600_000_000


def day_of(at: int) -> str:
    """The day (UTC) of a time in microseconds, as accounts are named: ``2026-11-27``."""
    return _day(at // 86_400_000_000)


@lru_cache(maxsize=8)
def _day(number: int) -> str:
    """The name of a day since 1970: making it costs more than all else that a call reserves."""
    return datetime.fromtimestamp(number * 86_400, UTC).strftime("%Y-%m-%d")


class BudgetGate:
    """The gate ``budget``; ``per_tenant`` are limits that each tenant has beside those of its workflows."""

    name = "budget"

    def __init__(self, ledger: Ledger, clock: Clock, per_tenant: Mapping[str, Money]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._per_tenant = per_tenant
        self._held: dict[tuple[str, int], Reservation] = {}
        self._swept = 0

    async def enter(self, call: Call) -> str | None:
        """None when there is room: ``price`` when nobody knows what the call costs, ``budget`` when it is too much.

        ``dear`` is the reason when money gets short and the chain has a cheaper target.
        """
        terms = call.terms
        most = None if terms.price is None else terms.price.most(*most_tokens(call.request, call.target.options))
        if most is not None and not most.nanos:
            return None
        reservation = self._reservation(call, most)
        if terms.budget.unknown_price == "refuse" and any(line.amount is None for line in reservation.lines):
            return "price"
        await self._sweep(reservation.at)
        try:
            room = await self._ledger.reserve(reservation)
        except asyncio.CancelledError:
            await self._free(reservation)  # what nobody waits for is written all the same
            raise
        if not room.granted:
            _log.warning("%s has no room for a call of case %s", room.account, call.case_id)
            return "budget"
        if room.percent >= terms.budget.soft_percent:
            _log.warning("%s percent of %s are taken", room.percent, room.account)
            if terms.dear and terms.budget.on_soft == "cheaper":
                await self._free(reservation)
                return "dear"
        self._held[call.case_id, call.attempt] = reservation
        return None

    async def leave(self, call: Call, result: Answer | ProviderFailed, duration: int) -> None:  # noqa: ARG002
        """Book what the call cost; one that never left cost nothing, and of all others the usage decides."""
        reservation = self._held.pop((call.case_id, call.attempt), None)
        if reservation is None:
            return
        cost = call.terms.price.cost(result.usage) if call.terms.price and result.usage else None
        if isinstance(result, ProviderFailed) and result.kind == "withheld":
            cost = Money(nanos=0, currency="")
        converted = call.terms.budget.converted
        booked = [None if cost is None else converted(cost, line.currency) for line in reservation.lines]
        await self._ledger.settle(reservation, booked)

    async def _free(self, reservation: Reservation) -> None:
        await self._ledger.settle(reservation, [0] * len(reservation.lines))

    def _reservation(self, call: Call, most: Money | None) -> Reservation:
        at, budget = self._clock(), call.terms.budget
        names = account_names(call.workflow, call.case_id, call.caller, day_of(at))
        return Reservation(
            tenant_id=call.tenant_id,
            case_id=call.case_id,
            attempt=call.attempt,
            at=at,
            lines=lines_of(budget, {**budget.limits(), **self._per_tenant}, most, names),
        )

    async def _sweep(self, now: int) -> None:
        if now - self._swept < BETWEEN_SWEEPS:
            return
        self._swept = now
        if count := await self._ledger.settle_abandoned(now - ABANDONED_AFTER):
            _log.warning("%s calls of processes that died count as spent with what was held back", count)
