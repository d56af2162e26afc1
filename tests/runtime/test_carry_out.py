"""Does an accepted tool call happen once, after its intent and the fence, and a rejected one never?"""

import asyncio
import sqlite3
from dataclasses import replace

import pytest
from tests.runtime.conftest import GOOD, Bench, Receiver, Script
from tests.runtime.test_fence import Overtaken
from tests.runtime.tools import FITTING, Ledger, asks, decided, ready

from leitstand.domain.case import Status
from leitstand.domain.errors import StateConflict, ToolFailed
from leitstand.domain.event import CaseFailed, ReviewDecided, ToolCallFinished, ToolCallIntended
from leitstand.domain.message import Answer
from leitstand.domain.review import Verb
from leitstand.domain.stop import Scope, Stop
from leitstand.domain.tool import SideEffect
from leitstand.runtime.worker import Worker

BOTH = [SideEffect.WRITE, SideEffect.IRREVERSIBLE]
UNCLEAR = ToolFailed(kind="server_error", tool="refund", detail="HTTP 500")
SAID_NO = ToolFailed(kind="refused", tool="refund", detail="HTTP 403")
UNREADABLE = ToolFailed(kind="malformed", tool="refund", detail="no JSON")


async def waiting(bench: Bench, ledger: Ledger, effect: SideEffect = SideEffect.WRITE, calls: int = 1):
    """A case whose draft came with proposed calls."""
    bench.tools = (ready(ledger, effect, name="refund"),)
    bench.scripts = [Script(replies=[asks(*[("refund", FITTING)] * calls), GOOD])]
    await bench.activate()
    summary = await bench.ask()
    assert (summary.case.status, ledger.calls) == (Status.REVIEW, [])
    return summary


async def bodies(bench: Bench, summary, kind):
    events = await bench.parts.cases.events("default", summary.case.case_id)
    return [event.body for event in events if isinstance(event.body, kind)]


@pytest.mark.parametrize("effect", BOTH)
async def test_what_a_person_accepts_happens_before_the_output_leaves(bench: Bench, effect: SideEffect) -> None:
    ledger, receiver = Ledger(), Receiver()
    bench.receiver = receiver
    summary = await waiting(bench, ledger, effect, calls=2)
    ended = await decided(bench, summary)
    case_id = summary.case.case_id
    assert ended.case.status is Status.DELIVERED
    assert [key for _, key in ledger.calls] == [f"{case_id}-tool-1", f"{case_id}-tool-2"]
    assert len(receiver.taken) == 1
    assert (await bench.types(summary))[-7:] == [
        "review.decided",
        "tool_call.intended",
        "tool_call.finished",
        "tool_call.intended",
        "tool_call.finished",
        "delivery.intended",
        "case.delivered",
    ]
    contents = await bench.parts.cases.contents("default", case_id)
    assert b"sent on Monday" in contents["outcome.1"]
    [review] = await bodies(bench, summary, ReviewDecided)
    assert review.tool_calls == (1, 2)


async def test_an_edited_draft_carries_its_calls_too(bench: Bench) -> None:
    ledger = Ledger()
    summary = await waiting(bench, ledger)
    ended = await decided(bench, summary, Verb.EDIT, output={"answer": "Nein."})
    assert (ended.case.status, len(ledger.calls)) == (Status.DELIVERED, 1)


@pytest.mark.parametrize("effect", BOTH)
async def test_what_a_person_rejects_never_happens(bench: Bench, effect: SideEffect) -> None:
    ledger = Ledger()
    summary = await waiting(bench, ledger, effect)
    ended = await decided(bench, summary, Verb.REJECT)
    assert (ended.case.status, ledger.calls) == (Status.REJECTED, [])
    assert await bodies(bench, summary, ToolCallIntended) == []


@pytest.mark.parametrize("seen", [(), (1, 2), (2,), (0,), (1, 1)])
@pytest.mark.parametrize("verb", [Verb.ACCEPT, Verb.EDIT])
async def test_who_did_not_see_the_calls_cannot_accept_them(bench: Bench, verb: Verb, seen: tuple[int, ...]) -> None:
    ledger = Ledger()
    summary = await waiting(bench, ledger)
    more = {"output": {"answer": "Nein."}} if verb is Verb.EDIT else {}
    with pytest.raises(StateConflict, match="showing other tool calls"):
        await decided(bench, summary, verb, tool_calls=seen, **more)
    assert ledger.calls == []


async def test_a_call_that_was_never_proposed_cannot_be_accepted(bench: Bench) -> None:
    bench.review = {"when": "always"}
    await bench.activate()
    summary = await bench.ask()
    with pytest.raises(StateConflict):
        await decided(bench, summary, tool_calls=(1,))


async def test_an_unclear_end_is_tried_again_under_the_same_key(bench: Bench, monkeypatch) -> None:
    monkeypatch.setattr("leitstand.runtime.carry_out.FIRST_PAUSE", 1000)
    ledger = Ledger(failures=[UNCLEAR, UNCLEAR])
    summary = await waiting(bench, ledger)
    await decided(bench, summary)
    async with asyncio.timeout(10):
        while (ended := await bench.parts.cases.summary("default", summary.case.case_id)) is not None:
            if ended.case.status is Status.DELIVERED:
                break
            await asyncio.sleep(0.01)
            await bench.worker.sweep()
    assert {key for _, key in ledger.calls} == {f"{summary.case.case_id}-tool-1"}
    finished = await bodies(bench, summary, ToolCallFinished)
    assert [(each.attempt, each.error, each.retry_at is None) for each in finished] == [
        (1, "server_error", False),
        (2, "server_error", False),
        (3, "", True),
    ]
    assert len(await bodies(bench, summary, ToolCallIntended)) == 1


@pytest.mark.parametrize(
    ("effect", "failure", "status", "reason"),
    [
        (SideEffect.IRREVERSIBLE, UNCLEAR, Status.FAILED, "tool_unclear"),
        (SideEffect.IRREVERSIBLE, RuntimeError("half done"), Status.FAILED, "tool_unclear"),
        (SideEffect.IRREVERSIBLE, SAID_NO, Status.FAILED, "tool_refused"),
        (SideEffect.WRITE, SAID_NO, Status.FAILED, "tool_refused"),
        (SideEffect.WRITE, UNREADABLE, Status.DELIVERED, ""),
        (SideEffect.IRREVERSIBLE, UNREADABLE, Status.DELIVERED, ""),
    ],
)
async def test_where_a_failed_call_leads(bench: Bench, effect, failure, status, reason) -> None:
    ledger, receiver = Ledger(failures=[failure]), Receiver()
    bench.receiver = receiver
    summary = await waiting(bench, ledger, effect)
    ended = await decided(bench, summary)
    assert (ended.case.status, len(ledger.calls)) == (status, 1)
    assert [body.reason for body in await bodies(bench, summary, CaseFailed)] == ([reason] if reason else [])
    assert len(receiver.taken) == (status is Status.DELIVERED)


@pytest.mark.parametrize(("effect", "calls"), [(SideEffect.WRITE, 2), (SideEffect.IRREVERSIBLE, 1)])
async def test_a_process_that_dies_in_a_call(bench: Bench, effect: SideEffect, calls: int) -> None:
    """It is made again under its key, unless it cannot be taken back: then somebody has to look."""
    begun = asyncio.Event()
    keys: list[str] = []

    async def hang(arguments: dict[str, object], key: str) -> object:
        keys.append(key)
        begun.set()
        if len(keys) == 1:
            await asyncio.Event().wait()
        return "done"

    bench.tools = (ready(Ledger(), effect, name="refund", send=hang),)
    bench.scripts = [Script(replies=[asks(("refund", FITTING)), GOOD])]
    await bench.activate()
    summary = await bench.ask()
    deciding = asyncio.create_task(decided(bench, summary))
    await begun.wait()
    deciding.cancel()
    await bench.end()
    bench.begin()
    await bench.parts.installations.refresh()
    await bench.worker.sweep()
    await bench.worker.wait(summary.case.case_id, 10)
    found = await bench.parts.cases.summary("default", summary.case.case_id)
    assert found is not None
    assert keys == [f"{summary.case.case_id}-tool-1"] * calls
    assert found.case.status is (Status.DELIVERED if calls == 2 else Status.FAILED)


async def test_who_was_overtaken_calls_nothing(bench: Bench) -> None:
    ledger = Ledger()
    summary = await waiting(bench, ledger)
    cases = Overtaken(bench.parts.cases, str(bench.path), ToolCallIntended)
    bench.parts = replace(bench.parts, cases=cases)  # type: ignore[arg-type]
    bench.worker = Worker(bench.parts)
    await decided(bench, summary)
    assert ledger.calls == []


def stop_all(bench: Bench) -> None:
    """Stop everything, so that nobody notices who does not ask."""
    made = Stop(
        stop_id="s", tenant_id="default", scope=Scope.ALL, subject="", reason="test", stopped_by="p-1", stopped_at=1
    )
    bench.parts.stops.in_force = (made,)


async def test_a_stopped_case_reads_nothing(bench: Bench) -> None:
    ledger = Ledger()

    async def stopped_meanwhile() -> Answer:
        stop_all(bench)
        return asks(("refund", FITTING))

    bench.tools = (ready(ledger, name="refund"),)
    bench.scripts = [Script(replies=[stopped_meanwhile])]
    await bench.activate()
    summary = await bench.ask()
    assert (summary.case.status, ledger.calls) == (Status.OPEN, [])


async def test_a_stopped_case_makes_no_further_call(bench: Bench) -> None:
    class Stopping(Ledger):
        def __call__(self, arguments: dict[str, object], key: str) -> object:
            stop_all(bench)
            return super().__call__(arguments, key)

    ledger = Stopping()
    ended = await decided(bench, await waiting(bench, ledger, calls=2))
    assert (ended.case.status, len(ledger.calls)) == (Status.DELIVERING, 1)


async def test_the_call_stands_in_the_outbox_until_it_is_done(bench: Bench) -> None:
    ledger = Ledger()
    summary = await waiting(bench, ledger)
    await decided(bench, summary)
    with sqlite3.connect(bench.path) as database:
        rows = database.execute("SELECT number, key, done_at IS NOT NULL FROM effects").fetchall()
    assert rows == [(101, f"{summary.case.case_id}-tool-1", 1)]
