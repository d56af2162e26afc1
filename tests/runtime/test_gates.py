"""Does no call leave that a gate withholds, and does every gate hear how its calls ended?"""

import asyncio
from dataclasses import dataclass, field

import pytest
from tests.runtime.conftest import GOOD, Bench, Script

from leitstand.domain.case import Status, fold
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer
from leitstand.domain.price import Usage
from leitstand.runtime.gates import Call, Gate

OVERLOADED = ProviderFailed(kind="overloaded", retryable=True, provider="m", detail="busy")


@dataclass
class Watching:
    """A gate that refuses the targets it is told to, and writes down what it sees."""

    name: str = "watching"
    refuses: dict[int, str] = field(default_factory=dict)
    breaks: bool = False
    calls: list[Call] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    usages: list[Usage | None] = field(default_factory=list)

    async def enter(self, call: Call) -> str | None:
        self.calls.append(call)
        return self.refuses.get(call.index)

    async def leave(self, call: Call, result: Answer | ProviderFailed, duration: int) -> None:
        self.heard.append(result.kind if isinstance(result, ProviderFailed) else "answer")
        self.usages.append(result.usage)
        if self.breaks:
            raise RuntimeError(self.name)


async def gated(bench: Bench, *gates: Gate, scripts: tuple[Script, ...] = (Script(),)) -> None:
    """A bench whose calls pass these gates."""
    bench.scripts = list(scripts)
    bench.gates = gates
    await bench.end()
    bench.begin()
    await bench.activate()


async def test_a_gate_sees_the_call_and_its_end(bench: Bench) -> None:
    gate = Watching()
    await gated(bench, gate)
    summary = await bench.ask()
    (call,) = gate.calls
    assert (call.tenant_id, call.case_id, call.workflow) == ("default", summary.case.case_id, "help")
    assert (call.caller, call.purpose, call.index, call.attempt) == ("test", "draft", 0, 1)
    assert (gate.heard, gate.usages) == (["answer"], [Usage(input_tokens=10, output_tokens=5)])


async def test_what_is_withheld_is_not_asked_and_the_next_target_is(bench: Bench) -> None:
    first, second = Script(), Script()
    before, refusing, behind = Watching(), Watching(refuses={0: "zone"}), Watching()
    await gated(bench, before, refusing, behind, scripts=(first, second))
    summary = await bench.ask()
    assert (len(first.requests), len(second.requests)) == (0, 1)
    assert (before.heard, refusing.heard, behind.heard) == (["withheld", "answer"], ["answer"], ["answer"])
    assert (summary.case.status, summary.case.fallback, summary.case.calls) == (Status.DELIVERED, True, 1)
    assert (await bench.types(summary))[2:5] == ["model_call.withheld", "model_call.intended", "model_call.finished"]
    journal = await bench.parts.cases.events("default", summary.case.case_id)
    assert fold(journal) == summary.case
    assert bench.parts.watch.tally.numbers["leitstand_model_calls_withheld_total"] == {("scripted", "m0", "zone"): 1}


@pytest.mark.parametrize(
    ("reason", "policy", "status", "reasons"),
    [
        ("budget", {}, Status.ESCALATED, ("budget",)),
        ("budget", {"on_budget": "review"}, Status.REVIEW, ("budget",)),
        ("stop", {}, Status.ESCALATED, ("stopped",)),
        ("stop", {"on_stopped": "review"}, Status.REVIEW, ("stopped",)),
        ("rate", {"on_budget": "review", "on_stopped": "review"}, Status.ESCALATED, ("no_draft",)),
    ],
)
async def test_a_draft_that_is_not_allowed_goes_where_policy_says(
    bench: Bench, reason: str, policy: dict[str, str], status: Status, reasons: tuple[str, ...]
) -> None:
    bench.review = policy
    script = Script()
    await gated(bench, Watching(refuses={0: reason, 1: reason}), scripts=(script, script))
    summary = await bench.ask()
    assert (summary.case.status, summary.case.reasons, script.requests) == (status, reasons, [])
    assert (await bench.types(summary)).count("model_call.withheld") == (2 if reason == "rate" else 1)


async def test_gates_hear_the_usage_of_an_answer_that_was_of_no_use(bench: Bench) -> None:
    gate = Watching()
    await gated(bench, gate, scripts=(Script(replies=["kein JSON", GOOD]),))
    summary = await bench.ask()
    assert (gate.heard, gate.usages[0]) == (["malformed", "answer"], Usage(input_tokens=10, output_tokens=5))
    assert summary.case.status is Status.DELIVERED


async def test_a_gate_that_breaks_afterwards_costs_neither_the_answer_nor_the_others(bench: Bench) -> None:
    first, breaking, last = Watching(), Watching(breaks=True), Watching()
    await gated(bench, first, breaking, last)
    assert (await bench.ask()).case.status is Status.DELIVERED
    assert (first.heard, last.heard) == (["answer"], ["answer"])


async def test_a_gate_that_cannot_say_yes_lets_nothing_leave(bench: Bench) -> None:
    class Broken(Watching):
        async def enter(self, call: Call) -> str | None:
            raise RuntimeError(call.case_id)

    script, before = Script(), Watching()
    await gated(bench, before, Broken(), scripts=(script,))
    summary = await bench.ask()
    assert (script.requests, before.heard) == ([], ["withheld"])
    assert (await bench.types(summary))[-1] == "case.interrupted"


async def test_all_gates_hear_of_a_call_that_is_cancelled_even_twice(bench: Bench) -> None:
    began = asyncio.Event()
    slow_leave = asyncio.Event()

    class Slow(Watching):
        async def leave(self, call: Call, result: Answer | ProviderFailed, duration: int) -> None:
            slow_leave.set()
            await asyncio.sleep(10)

    async def stuck() -> str:
        began.set()
        await asyncio.Event().wait()
        return GOOD

    outer = Watching()
    await gated(bench, outer, Slow(), scripts=(Script(replies=[stuck]),))
    asking = asyncio.create_task(bench.ask())
    await began.wait()
    (running,) = bench.worker._running.values()
    bench.worker.draining = True
    running.cancel()
    await slow_leave.wait()
    running.cancel()
    await asyncio.wait({running})
    assert (running.cancelled(), outer.heard) == (True, ["cancelled"])
    asking.cancel()


async def test_all_gates_hear_of_two_calls_that_are_cancelled_together_even_twice(bench: Bench) -> None:
    asked, leaving = asyncio.Event(), asyncio.Event()

    class Slow(Watching):
        async def leave(self, call: Call, result: Answer | ProviderFailed, duration: int) -> None:
            leaving.set()
            await asyncio.sleep(10)

    async def stuck() -> str:
        if len(outer.calls) == 2:
            asked.set()
        await asyncio.Event().wait()
        return GOOD

    outer = Watching()
    bench.draft = {"hedge_after_seconds": 0.01}
    await gated(bench, outer, Slow(), scripts=(Script(replies=[stuck]), Script(replies=[stuck])))
    asking = asyncio.create_task(bench.ask())
    await asked.wait()
    (running,) = bench.worker._running.values()
    bench.worker.draining = True
    running.cancel()
    await leaving.wait()
    running.cancel()
    leaving.clear()
    await leaving.wait()
    running.cancel()
    await asyncio.wait({running})
    assert (running.cancelled(), outer.heard) == (True, ["cancelled", "cancelled"])
    asking.cancel()


async def test_a_case_taken_up_again_still_says_who_handed_it_in(bench: Bench) -> None:
    gate = Watching(refuses={0: "rate"})
    await gated(bench, gate, scripts=(Script(),))
    opened = (await bench.ask()).case
    journal = await bench.parts.cases.events("default", opened.case_id)
    before_the_draft = fold(journal[:2])._replace(seq=opened.seq, epoch=opened.epoch)
    bench.worker.start(before_the_draft)
    await bench.worker.wait(opened.case_id, 10)
    assert gate.calls[-1].caller == "test"


async def test_an_answer_waits_for_no_second_call_that_has_not_its_turn_yet(bench: Bench) -> None:
    waiting, answered = asyncio.Event(), asyncio.Event()

    class Turn(Watching):
        async def enter(self, call: Call) -> str | None:
            if call.index == 1:
                waiting.set()
                await asyncio.sleep(60)
            return await super().enter(call)

    async def slow() -> str:
        await waiting.wait()
        answered.set()
        return GOOD

    scripts = (Script(replies=[slow]), Script())
    bench.draft = {"hedge_after_seconds": 0.01}
    await gated(bench, Watching(), Turn(), scripts=scripts)
    summary = await bench.ask()
    assert (summary.case.status, answered.is_set(), scripts[1].requests) == (Status.DELIVERED, True, [])
    assert (await bench.types(summary)).count("model_call.intended") == 1
