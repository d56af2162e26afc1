"""Do cases become traces by the conventions for generative AI, and can no collector slow a case?"""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio
from tests.exporters.collector import Collector, attributes, collecting
from tests.runtime.conftest import ASKER, GOOD, Bench, Opinion, Receiver, Script
from tests.runtime.tools import FITTING, Ledger, asks, ready

from leitstand import plugins
from leitstand.domain.case import Status
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.event import Actor
from leitstand.domain.guardrail import Verdict
from leitstand.domain.review import ReviewDecision, Verb
from leitstand.exporters import otel
from leitstand.exporters.otel import Otel
from leitstand.runtime.review import decide_review
from leitstand.runtime.submit import Submission, open_case
from leitstand.runtime.watch import Watch
from leitstand.runtime.worker import Worker

BUSY = ProviderFailed(kind="overloaded", retryable=False, provider="m", detail="busy")
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest_asyncio.fixture
async def watched(bench: Bench, collector: Collector) -> AsyncIterator[Bench]:
    exporter = plugins.find("exporters", "otel")(collector.url)
    assert isinstance(exporter, Otel)
    watch_with(bench, exporter)
    yield bench
    await exporter.close()


def watch_with(bench: Bench, exporter: Otel) -> None:
    bench.parts = replace(bench.parts, watch=Watch((exporter,)))
    bench.worker = Worker(bench.parts)


async def closed(bench: Bench) -> None:
    await bench.worker.stop()
    await bench.parts.watch.close()


async def test_a_case_is_one_trace_with_its_steps_below(watched: Bench, collector: Collector) -> None:
    watched.scripts = [Script(replies=[BUSY]), Script()]
    watched.receiver = Receiver()
    await watched.activate()
    summary = await watched.ask()
    await closed(watched)
    spans = {span.name: span for span in collector.spans()}
    assert set(spans) == {"invoke_workflow help", "chat m0", "chat m1", "apply_guardrail citations", "deliver"}
    whole = spans["invoke_workflow help"]
    assert {span.trace_id.hex() for span in spans.values()} == {summary.case.case_id.replace("-", "")}
    assert {span.parent_span_id for name, span in spans.items() if name != whole.name} == {whole.span_id}
    assert whole.parent_span_id == b""
    assert attributes(whole)["gen_ai.operation.name"] == "invoke_workflow"
    assert attributes(whole)["gen_ai.workflow.name"] == "help"
    assert attributes(whole)["leitstand.case.id"] == summary.case.case_id
    assert whole.start_time_unix_nano == summary.case.accepted_at * 1000
    assert whole.end_time_unix_nano == (summary.case.ended_at or 0) * 1000
    assert whole.events[0].name == "case.accepted"
    for span in spans.values():
        assert whole.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= whole.end_time_unix_nano


async def test_a_model_call_carries_what_the_conventions_ask_for(watched: Bench, collector: Collector) -> None:
    watched.scripts = [Script(replies=[BUSY]), Script()]
    await watched.activate()
    await watched.ask()
    await closed(watched)
    failed, answered = (span for span in collector.spans() if span.name.startswith("chat"))
    assert attributes(answered) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "scripted",
        "gen_ai.request.model": "m1",
        "gen_ai.response.model": "m",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 5,
        "leitstand.attempt": 2,
        "leitstand.target": 1,
    }
    assert attributes(failed)["error.type"] == "overloaded"
    assert failed.status.code == failed.status.STATUS_CODE_ERROR
    assert failed.kind == failed.SPAN_KIND_CLIENT
    metrics = collector.metrics()
    points = metrics["gen_ai.client.token.usage"].histogram.data_points
    found = {
        tuple(sorted((each.key, each.value.string_value) for each in point.attributes)): point.sum for point in points
    }
    assert sorted(found.values()) == [5, 10]
    durations = metrics["gen_ai.client.operation.duration"].histogram.data_points
    assert sum(point.count for point in durations) == 2


async def test_a_tool_call_is_a_span(watched: Bench, collector: Collector) -> None:
    watched.tools = (ready(Ledger(reply="secret 4711")),)
    watched.scripts = [Script(replies=[asks(("order_status", FITTING)), GOOD])]
    await watched.activate()
    await watched.ask()
    await closed(watched)
    (tool,) = (span for span in collector.spans() if span.name == "execute_tool order_status")
    assert attributes(tool)["gen_ai.operation.name"] == "execute_tool"
    assert attributes(tool)["gen_ai.tool.name"] == "order_status"
    assert not [body for _, body in collector.received if b"4711" in body]


async def test_a_review_goes_on_in_the_same_trace(watched: Bench, collector: Collector) -> None:
    watched.opinion = Opinion(verdict=Verdict.FLAGGED)
    await watched.activate()
    summary = await watched.ask()
    draft = summary.case.draft_commitment
    decision = ReviewDecision(verb=Verb.ACCEPT, draft_commitment=draft, seconds_shown=3)
    await decide_review(watched.parts, watched.worker, summary, decision, Actor(kind="person", id="p-1"))
    await watched.worker.wait(summary.case.case_id, 10)
    await closed(watched)
    first, second = (span for span in collector.spans() if span.name == "invoke_workflow help")
    assert attributes(first)["leitstand.case.status"] == "review"
    assert attributes(second)["leitstand.case.status"] == "delivered"
    assert second.trace_id == first.trace_id
    assert second.parent_span_id == first.span_id


async def test_the_span_of_the_caller_is_linked(watched: Bench, collector: Collector) -> None:
    await watched.activate()
    submission = Submission(
        tenant_id="default", workflow="help", input={"question": "?"}, actor=ASKER, channel="api", traceparent=PARENT
    )
    summary = await open_case(watched.parts, watched.worker, submission)
    await watched.worker.wait(summary.case.case_id, 10)
    await closed(watched)
    (whole,) = (span for span in collector.spans() if span.name == "invoke_workflow help")
    assert [(link.trace_id.hex(), link.span_id.hex()) for link in whole.links] == [tuple(PARENT.split("-")[1:3])]


async def test_names_from_outside_that_could_say_more_are_not_told(watched: Bench, collector: Collector) -> None:
    class Chatty(Script):
        async def generate(self, request, on_delta=None):
            answer = await super().generate(request, on_delta)
            return replace(answer, model="The customer is called Petra", finish_reason="because Petra said so")

    watched.scripts = [Chatty()]
    await watched.activate()
    await watched.ask()
    await closed(watched)
    (call,) = (span for span in collector.spans() if span.name == "chat m0")
    assert attributes(call)["gen_ai.response.model"] == "other"
    assert attributes(call)["gen_ai.response.finish_reasons"] == ("other",)
    assert not [body for _, body in collector.received if b"Petra" in body]


@pytest.mark.parametrize("trouble", ["down", "slow", "broken"])
async def test_a_collector_in_trouble_slows_no_case_and_is_counted(
    bench: Bench, collector: Collector, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otel, "SEND_SECONDS", 0.5)
    monkeypatch.setattr(otel, "CLOSE_SECONDS", 5.0)
    monkeypatch.setattr(otel, "LONGEST_WAIT", 0.01)
    collector.status, collector.delay = (500 if trouble == "broken" else 200), (2.0 if trouble == "slow" else 0.0)
    exporter = Otel("http://127.0.0.1:9" if trouble == "down" else collector.url)
    watch_with(bench, exporter)
    await bench.activate()
    for _ in range(3):
        assert (await bench.ask()).case.status is Status.DELIVERED
    await closed(bench)
    assert exporter.dropped > 0


async def test_more_than_there_is_room_for_is_dropped_and_counted(
    bench: Bench, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otel, "MOST_WAITING", 3)
    monkeypatch.setattr(Otel, "_serve", lambda _: time.sleep(0))
    exporter = Otel(collector.url)
    watch_with(bench, exporter)
    await bench.activate()
    await bench.ask()
    await bench.ask()
    assert exporter.dropped == 3, "each case is saved three times"
    await closed(bench)


async def test_cases_that_never_rest_are_given_up_one_by_one(
    bench: Bench, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otel, "MOST_CASES", 2)
    exporter = Otel(collector.url)
    watch_with(bench, exporter)
    await bench.activate()
    bench.worker = Worker(bench.parts, most=0)
    submission = Submission(tenant_id="default", workflow="help", input={"question": "?"}, actor=ASKER, channel="api")
    for _ in range(5):
        await open_case(bench.parts, bench.worker, submission)
    await closed(bench)
    assert exporter.dropped == 3
