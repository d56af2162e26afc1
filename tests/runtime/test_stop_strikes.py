"""Does a stop leave no money held back, and nothing done or in doubt, in whatever moment it strikes?"""

import asyncio

import pytest
from tests.runtime.conftest import Bench, Receiver
from tests.runtime.test_budget_gate import budgeted, priced, shown
from tests.runtime.test_carry_out import waiting
from tests.runtime.test_halted import ANNA, HELP, Moment, held_up, restart, until_idle
from tests.runtime.test_worker import submit, until_all_ended
from tests.runtime.tools import Ledger, decided

from leitstand.domain.tool import SideEffect
from leitstand.ports import Change
from leitstand.runtime.stop import stop


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
