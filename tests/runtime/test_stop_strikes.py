"""Does a stop leave no money held back, and nothing done or in doubt, in whatever moment it strikes?"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from tests.runtime.conftest import Bench, Receiver, Script
from tests.runtime.test_budget_gate import budgeted, priced, shown
from tests.runtime.test_carry_out import waiting
from tests.runtime.test_halted import ANNA, HELP, Moment, held_up, restart, until_idle
from tests.runtime.test_worker import submit, until_all_ended
from tests.runtime.tools import Ledger, decided

from leitstand.domain.tool import SideEffect
from leitstand.ports import Change
from leitstand.runtime.stop import stop
from leitstand.runtime.stops import Stops


async def begun(bench: Bench) -> None:
    await budgeted(bench, priced(1))
    bench.worker.begin()


async def test_what_is_held_back_while_a_stop_strikes_is_free_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(bench)
    reserving = held_up(monkeypatch, bench.stores.ledger, "reserve")
    await submit(bench, 1)
    await reserving.reached.wait()
    made = await stop(bench.parts, HELP, ANNA)
    await until_idle(bench)
    account = (await shown(bench)).account
    assert (account.reserved, account.spent, bench.scripts[0].requests) == (0, 0, [])
    await restart(bench, made)
    await until_all_ended(bench)


async def test_a_call_that_had_not_left_when_a_stop_struck_costs_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(bench)
    intending, append = Moment(), bench.stores.cases.append

    async def slow(change: Change, *, due_to: int) -> None:
        await append(change, due_to=due_to)
        if any(event.type == "model_call.intended" for event in change.events) and not intending.reached.is_set():
            await intending.hold()

    monkeypatch.setattr(bench.stores.cases, "append", slow)
    await submit(bench, 1)
    await intending.reached.wait()
    await stop(bench.parts, HELP, ANNA)
    await until_idle(bench)
    account = (await shown(bench)).account
    assert (account.reserved, account.spent, bench.scripts[0].requests) == (0, 0, [])


@pytest.mark.parametrize("effect", [SideEffect.WRITE, SideEffect.IRREVERSIBLE])
async def test_a_tool_call_that_a_stop_came_before_is_made_after_the_restart(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, effect: SideEffect
) -> None:
    ledger, bench.receiver = Ledger(), Receiver()
    summary = await waiting(bench, ledger, effect)
    bench.worker.begin()
    at_fence = held_up(monkeypatch, bench.stores.cases, "holds")
    deciding = asyncio.create_task(decided(bench, summary))
    await at_fence.reached.wait()
    made = await stop(bench.parts, HELP, ANNA)
    await until_idle(bench)
    assert ledger.calls == []
    await restart(bench, made)
    await until_all_ended(bench)
    await deciding
    types = await bench.types(summary)
    assert types[types.index("review.decided") :] == [
        "review.decided",
        "tool_call.intended",
        "tool_call.finished",
        "case.halted",
        "tool_call.intended",
        "tool_call.finished",
        "delivery.intended",
        "case.delivered",
    ]
    assert len(ledger.calls) == 1


async def test_nothing_is_delivered_once_a_stop_has_begun(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The delivery has passed the fence, and the worker has not heard of the stop yet."""
    bench.receiver = receiver = Receiver()
    bench.scripts = [Script()]
    await bench.activate()
    bench.worker.begin()
    at_fence, looking = held_up(monkeypatch, bench.stores.cases, "holds"), Moment()
    refresh: Callable[[Stops], Awaitable[None]] = Stops.refresh

    async def slow(stops: Stops) -> None:
        if asyncio.current_task() in bench.worker._looking and not looking.free.is_set():
            await looking.hold()
        await refresh(stops)

    await submit(bench, 1)
    await at_fence.reached.wait()
    monkeypatch.setattr(Stops, "refresh", slow)
    made = await stop(bench.parts, HELP, ANNA)
    at_fence.free.set()
    await until_idle(bench)
    assert receiver.taken == []
    looking.free.set()
    await restart(bench, made)
    await until_all_ended(bench)
    assert len(receiver.taken) == 1
