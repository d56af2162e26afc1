"""Does a case run from acceptance to its end, whatever its parts do?"""

import asyncio
import json

import pytest
from tests.runtime.conftest import ASKER, GOOD, Bench, Opinion, Receiver, Script

from leitstand.domain.case import Status, fold
from leitstand.domain.errors import IdempotencyConflict, InputInvalid, ProviderFailed, TooLarge, WorkflowUnknown
from leitstand.domain.event import DeliveryFailed
from leitstand.domain.guardrail import Verdict
from leitstand.domain.price import Price
from leitstand.ports import CaseFilter, Hooks
from leitstand.runtime.submit import Submission, open_case

OVERLOADED = ProviderFailed(kind="overloaded", retryable=True, provider="m", detail="busy")
REFUSED = ProviderFailed(kind="refused", retryable=False, provider="m", detail="no key")


async def test_a_clean_case_is_delivered(bench: Bench) -> None:
    await bench.activate()
    summary = await bench.ask()
    assert summary.case.status is Status.DELIVERED
    assert await bench.types(summary) == [
        "case.accepted",
        "case.normalised",
        "model_call.intended",
        "model_call.finished",
        "case.drafted",
        "case.checked",
        "case.decided",
        "case.delivered",
    ]


async def test_the_row_is_what_the_journal_folds_into(bench: Bench) -> None:
    await bench.activate()
    summary = await bench.ask()
    assert fold(await bench.parts.cases.events("default", summary.case.case_id)) == summary.case


async def test_the_intent_is_durable_before_the_model_is_asked(bench: Bench) -> None:
    seen: list[str] = []

    async def look() -> str:
        (row,) = await bench.parts.cases.find("default", CaseFilter())
        seen.extend(event.type for event in await bench.parts.cases.events("default", row.case.case_id))
        return GOOD

    bench.scripts = [Script(replies=[look])]
    await bench.activate()
    await bench.ask()
    assert seen[-1] == "model_call.intended"


@pytest.mark.parametrize(
    "reply", ["", "kein JSON", '{"answer": 5}', "<html>", '{"answer": "x"', "[1]", '{"other": "x"}']
)
async def test_garbage_from_a_model_falls_back(bench: Bench, reply: str) -> None:
    bench.scripts = [Script(replies=[reply]), Script()]
    await bench.activate()
    summary = await bench.ask()
    assert summary.case.status is Status.DELIVERED
    assert summary.case.fallback
    assert [attempt.error for attempt in summary.case.attempts] == ["malformed", "malformed", ""]


async def test_a_retry_helps_where_it_may(bench: Bench) -> None:
    bench.scripts = [Script(replies=[OVERLOADED, GOOD])]
    await bench.activate()
    summary = await bench.ask()
    assert (summary.case.status, summary.case.fallback, len(summary.case.attempts)) == (Status.DELIVERED, False, 2)


async def test_no_retry_where_it_cannot_help(bench: Bench) -> None:
    bench.scripts = [Script(replies=[REFUSED]), Script()]
    await bench.activate()
    summary = await bench.ask()
    assert [attempt.target for attempt in summary.case.attempts] == [0, 1]


async def test_a_case_without_a_draft_is_escalated(bench: Bench) -> None:
    bench.scripts = [Script(replies=[REFUSED])]
    await bench.activate()
    summary = await bench.ask()
    assert (summary.case.status, summary.case.reasons) == (Status.ESCALATED, ("no_draft",))


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (Verdict.PASSED, Status.DELIVERED),
        (Verdict.FLAGGED, Status.REVIEW),
        (Verdict.BLOCKED, Status.ESCALATED),
        (Verdict.ERROR, Status.REVIEW),
        (None, Status.REVIEW),
    ],
)
async def test_verdicts_lead_where_policy_says(bench: Bench, verdict: Verdict | None, status: Status) -> None:
    bench.opinion = Opinion(verdict=verdict)
    await bench.activate()
    assert (await bench.ask()).case.status is status


async def test_a_guard_that_policy_requires_and_nobody_installed_is_no_pass(bench: Bench) -> None:
    bench.opinion = Opinion(name="another")
    await bench.activate()
    summary = await bench.ask()
    assert summary.case.reasons == ("citations:not_run",)


async def test_costs_are_known_with_a_price_and_unknown_without(bench: Bench) -> None:
    bench.scripts = [Script(price=Price(input_per_million=1_000_000, output_per_million=2_000_000, currency="EUR"))]
    await bench.activate()
    assert (await bench.ask()).case.cost == 20
    bench.scripts = [Script()]
    await bench.activate("b")
    assert (await bench.ask()).case.cost is None


async def test_a_case_keeps_its_release_when_another_is_activated(bench: Bench) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> str:
        began.set()
        await go_on.wait()
        return GOOD

    bench.scripts = [Script(replies=[slow])]
    first = await bench.activate()
    asking = asyncio.create_task(bench.ask())
    await began.wait()
    bench.scripts = [Script()]
    second = await bench.activate("b")
    later = await bench.ask()
    go_on.set()
    assert ((await asking).case.release_digest, later.case.release_digest) == (first, second)


async def test_bad_input_costs_nothing(bench: Bench) -> None:
    await bench.activate()
    with pytest.raises(TooLarge):
        await bench.ask("x" * 20_001)
    wrong = Submission(tenant_id="default", workflow="help", input={"question": 5}, actor=ASKER, channel="api")
    with pytest.raises(InputInvalid, match="/question"):
        await open_case(bench.parts, bench.worker, wrong)
    assert bench.scripts[0].requests == []


async def test_an_unknown_workflow_names_the_known(bench: Bench) -> None:
    with pytest.raises(WorkflowUnknown, match="help"):
        await bench.ask()


async def test_the_same_key_opens_one_case(bench: Bench) -> None:
    await bench.activate()
    first, second = await asyncio.gather(bench.ask(key="k"), bench.ask(key="k"))
    assert first.case.case_id == second.case.case_id
    assert len(bench.scripts[0].requests) == 1
    with pytest.raises(IdempotencyConflict):
        await bench.ask("Etwas anderes?", key="k")


async def test_a_delivery_goes_out_once_with_its_key(bench: Bench) -> None:
    receiver = bench.receiver = Receiver()
    await bench.activate()
    summary = await bench.ask()
    ((key, body),) = receiver.taken
    assert key == f"{summary.case.case_id}-1"
    assert json.loads(body)["output"] == {"answer": "Ja."}


async def test_a_refused_delivery_waits_and_is_tried_again(bench: Bench) -> None:
    receiver = bench.receiver = Receiver(refusals=[True])
    await bench.activate()
    summary = await bench.ask()
    assert (summary.case.status, summary.case.delivery_attempts) == (Status.DELIVERING, 1)
    newest = (await bench.parts.cases.events("default", summary.case.case_id))[-1].body
    assert isinstance(newest, DeliveryFailed)
    assert (newest.error, newest.status) == ("refused", 403)
    bench.worker.begin()
    async with asyncio.timeout(10):
        while summary.case.status is not Status.DELIVERED:
            await asyncio.sleep(0.1)
            found = await bench.parts.cases.summary("default", summary.case.case_id)
            assert found
            summary = found
    assert len(receiver.taken) == 1


async def test_a_delivery_refused_for_good_fails_the_case(bench: Bench) -> None:
    bench.receiver = Receiver(refusals=[False])
    await bench.activate()
    assert (await bench.ask()).case.status is Status.FAILED


async def test_a_step_that_breaks_is_noted_and_given_up_in_the_end(bench: Bench) -> None:
    def broken(given: dict[str, object]) -> dict[str, object]:
        raise KeyError("nobody foresaw this")

    bench.hooks = Hooks(normalise=broken)
    await bench.activate()
    summary = await bench.ask()
    assert (summary.case.status, summary.case.interruptions) == (Status.OPEN, 1)
    assert "case.interrupted" in await bench.types(summary)


async def test_a_case_of_a_dead_process_goes_on_where_its_journal_ends(bench: Bench) -> None:
    """The worker is stopped in the middle of the model call: the attempt counts, and the next one is a retry."""
    began = asyncio.Event()

    async def hanging() -> str:
        began.set()
        await asyncio.sleep(3600)
        return GOOD

    bench.scripts = [Script(replies=[hanging, GOOD])]
    await bench.activate()
    asking = asyncio.create_task(bench.ask())
    await began.wait()
    await bench.worker.stop()
    before = (await asking).case
    await bench.end()
    bench.begin()
    await bench.worker.sweep()
    await bench.worker.wait(before.case_id, 10)
    found = await bench.parts.cases.summary("default", before.case_id)
    assert found
    assert (found.case.status, found.case.epoch, len(found.case.attempts)) == (Status.DELIVERED, before.epoch + 1, 2)


async def test_a_release_that_cannot_be_put_together_stops_neither_the_others_nor_the_server(bench: Bench) -> None:
    first = await bench.activate()
    bench.broken = True
    await bench.activate("b")
    assert bench.parts.installations.active("default", "help").digest == first
    assert (await bench.ask()).case.release_digest == first
