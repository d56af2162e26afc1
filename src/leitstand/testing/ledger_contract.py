"""What must hold of what is reserved and spent, whatever the database?"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from leitstand.domain.ledger import Account, Line, Reservation, Room
from leitstand.ports import Stores

Reopen = Callable[[], Awaitable[Stores]]

TENANT = "default"


def a_call(number: int, amount: int | None = 10, *, limit: int | None = 100, case: str = "c") -> Reservation:
    """A call that takes from a shared account, and from one of its own case without a limit."""
    lines = (
        Line(account="workflow/letters/month/2026-11", currency="EUR", amount=amount, limit=limit),
        Line(account=f"case/{case}", currency="EUR", amount=amount),
    )
    return Reservation(tenant_id=TENANT, case_id=case, attempt=number, at=number, lines=lines)


async def shared(stores: Stores) -> Account:
    """The account that all calls share."""
    (account,) = await stores.ledger.accounts(TENANT, ["workflow/letters/month/2026-11"])
    return account


class LedgerContract:
    """What holds for a ``Ledger``."""

    async def test_what_is_reserved_is_spent_with_what_it_cost(self, reopen: Reopen) -> None:
        ledger = (await reopen()).ledger
        assert await ledger.accounts(TENANT, ["case/c"]) == ()
        assert (await ledger.reserve(a_call(1))).granted
        assert (await ledger.reserve(a_call(2))).granted
        assert await shared(await reopen()) == Account(
            name="workflow/letters/month/2026-11", currency="EUR", reserved=20
        )
        ledger = (stores := await reopen()).ledger
        await ledger.settle(a_call(1), [3, 3])
        await ledger.settle(a_call(2), [None, None])
        account = await shared(stores)
        assert (account.reserved, account.spent) == (0, 13)
        (case,) = await ledger.accounts(TENANT, ["case/c", "case/other"])
        assert case == Account(name="case/c", currency="EUR", spent=13)
        assert await ledger.accounts("other", ["case/c"]) == ()

    async def test_a_call_without_room_takes_from_no_account_and_names_the_full_one(self, reopen: Reopen) -> None:
        stores = await reopen()
        name = "workflow/letters/month/2026-11"
        assert await stores.ledger.reserve(a_call(1, 95)) == Room(granted=True, account=name, percent=95)
        assert await stores.ledger.reserve(a_call(2, 6)) == Room(granted=False, account=name, percent=95)
        assert await stores.ledger.reserve(a_call(3, 5)) == Room(granted=True, account=name, percent=100)
        (case,) = await stores.ledger.accounts(TENANT, ["case/c"])
        assert (case.reserved, (await shared(stores)).reserved) == (100, 100)

    async def test_a_lone_call_may_reach_beyond_the_limit_and_nothing_after_it(self, reopen: Reopen) -> None:
        stores = await reopen()
        assert (await stores.ledger.reserve(a_call(1, 500))).percent == 500
        assert not (await stores.ledger.reserve(a_call(2, 1))).granted
        await stores.ledger.settle(a_call(1, 500), [99, 99])
        assert (await stores.ledger.reserve(a_call(3, 500))).granted
        await stores.ledger.settle(a_call(3, 500), [1, 1])
        assert not (await stores.ledger.reserve(a_call(4, 1))).granted
        assert (await shared(stores)).taken == 100

    async def test_twice_is_once(self, reopen: Reopen) -> None:
        stores = await reopen()
        for _ in range(2):
            assert (await stores.ledger.reserve(a_call(1))).granted
        assert (await shared(stores)).reserved == 10
        for cost in (4, 7):
            await stores.ledger.settle(a_call(1), [cost, cost])
        await stores.ledger.settle(a_call(9), [5, 5])
        account = await shared(stores)
        assert (account.reserved, account.spent) == (0, 4)

    async def test_calls_of_unknown_price_are_counted_and_a_known_end_takes_them_back(self, reopen: Reopen) -> None:
        stores = await reopen()
        for number in (1, 2):
            assert (await stores.ledger.reserve(a_call(number, None, limit=1))).granted
        await stores.ledger.settle(a_call(1, None), [None, None])
        await stores.ledger.settle(a_call(2, None), [0, 0])
        account = await shared(stores)
        assert (account.unpriced, account.taken) == (1, 0)

    async def test_what_a_dead_process_left_counts_as_spent(self, reopen: Reopen) -> None:
        stores = await reopen()
        for number in (5, 6, 7):
            await stores.ledger.reserve(a_call(number, number))
        assert await stores.ledger.settle_abandoned(7) == 2
        assert await stores.ledger.settle_abandoned(7) == 0
        account = await shared(stores)
        assert (account.reserved, account.spent) == (7, 11)

    async def test_each_currency_has_an_account_of_its_own(self, reopen: Reopen) -> None:
        stores = await reopen()
        call = a_call(1)
        dollars = replace(call, attempt=2, lines=tuple(replace(line, currency="USD") for line in call.lines))
        await stores.ledger.reserve(call)
        await stores.ledger.reserve(dollars)
        found = await stores.ledger.accounts(TENANT, ["case/c"])
        assert [(account.currency, account.reserved) for account in found] == [("EUR", 10), ("USD", 10)]

    async def test_many_at_once_find_exactly_the_room_there_is(self, reopen: Reopen) -> None:
        stores = await reopen()
        calls = [a_call(1, 10, case=f"c{number}") for number in range(64)]
        rooms = await asyncio.gather(*(stores.ledger.reserve(call) for call in calls))
        made = [call for call, room in zip(calls, rooms, strict=True) if room.granted]
        assert len(made) == 10
        await asyncio.gather(*(stores.ledger.settle(call, [10, 10]) for call in made))
        assert (await shared(stores)).spent == 100
