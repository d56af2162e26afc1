"""Do the counters say what the journals say, and does whoever watches never harm what is watched?"""

from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
from tests.runtime.conftest import GOOD, Bench, Opinion, Receiver, Script
from tests.runtime.tools import FITTING, Ledger, asks, ready

from leitstand.domain import metric
from leitstand.domain.case import Status
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.event import Actor
from leitstand.domain.guardrail import Verdict
from leitstand.domain.metric import Metric
from leitstand.domain.price import Price
from leitstand.domain.review import ReviewDecision, Verb
from leitstand.domain.tool import SideEffect
from leitstand.ports import CaseFilter, Change
from leitstand.runtime.review import decide_review
from leitstand.runtime.tally import MOST_VALUES, Tally
from leitstand.runtime.watch import Watch

BUSY = ProviderFailed(kind="overloaded", retryable=True, provider="m", detail="busy")
PRICE = Price(input_per_million=2_000_000_000, output_per_million=1_000_000_000, currency="EUR")


def counted(bench: Bench, of: Metric) -> dict[tuple[str, ...], float]:
    return bench.parts.watch.tally.numbers[of.name]


async def bodies(bench: Bench) -> list:
    rows = await bench.parts.cases.find("default", CaseFilter(limit=100))
    return [event.body for row in rows for event in await bench.parts.cases.events("default", row.case.case_id)]


async def test_a_clean_case_is_counted_once_in_each_of_its_steps(bench: Bench) -> None:
    bench.scripts = [Script(price=PRICE)]
    bench.parts = replace(bench.parts, watch=Watch((), lambda _: 5.0))
    bench.worker = type(bench.worker)(bench.parts)
    release = (await bench.activate())[:12]
    await bench.ask()
    assert counted(bench, metric.CASES_ACCEPTED) == {("help", "api", "interactive"): 1}
    assert counted(bench, metric.CASES) == {("help", "delivered"): 1}
    assert counted(bench, metric.CASES_IN_TIME) == {("help",): 1}
    assert counted(bench, metric.DRAFTS) == {("help", "first", release): 1}
    assert counted(bench, metric.FALLBACKS) == {}
    assert counted(bench, metric.MODEL_CALLS) == {("scripted", "m0", "ok"): 1}
    assert counted(bench, metric.MODEL_TOKENS) == {("scripted", "m0", "input"): 10, ("scripted", "m0", "output"): 5}
    assert counted(bench, metric.MODEL_COST) == {("scripted", "m0", "EUR"): pytest.approx(25e-6)}
    assert counted(bench, metric.VERDICTS) == {("help", "citations", "passed"): 1}
    assert counted(bench, metric.DELIVERIES) == {("help", "delivered"): 1}
    for measured in (metric.RESPONSE, metric.MODEL_SECONDS):
        ((labels, buckets),) = bench.parts.watch.tally.histograms[measured.name].items()
        assert sum(buckets.counts) == 1 and buckets.total > 0, labels


async def test_tool_calls_are_counted_by_what_became_of_them(bench: Bench) -> None:
    bench.tools = (ready(Ledger(failures=[TimeoutError()])), ready(Ledger(), SideEffect.WRITE, name="refund"))
    asked = asks(("order_status", FITTING), ("order_status", FITTING), ("refund", FITTING), ("gone", "{}"))
    bench.scripts = [Script(replies=[asked, GOOD])]
    await bench.activate()
    await bench.ask()
    assert counted(bench, metric.TOOL_CALLS) == {
        ("help", "order_status", "timeout"): 1,
        ("help", "order_status", "ok"): 1,
        ("help", "refund", "proposed"): 1,
        ("help", "unknown", "unknown_tool"): 1,
    }


async def test_what_goes_wrong_is_counted_as_the_journal_tells_it(bench: Bench) -> None:
    bench.scripts = [Script(replies=[BUSY]), Script()]
    bench.opinion = Opinion(verdict=Verdict.FLAGGED)
    release = (await bench.activate())[:12]
    waiting = [await bench.ask() for _ in range(3)]
    assert counted(bench, metric.CASES) == {("help", "review"): 3}
    assert counted(bench, metric.DRAFTS) == {("help", "fallback", release): 3}
    assert counted(bench, metric.FALLBACKS) == {("help", release, "overloaded"): 3}
    assert counted(bench, metric.MODEL_CALLS) == {("scripted", "m0", "overloaded"): 6, ("scripted", "m1", "ok"): 3}
    assert counted(bench, metric.MODEL_UNPRICED) == {("scripted", "m0"): 6, ("scripted", "m1"): 3}
    assert counted(bench, metric.CASES_IN_TIME) == {}, "nobody said here what is in time"
    draft = waiting[0].case.draft_commitment
    decision = ReviewDecision(verb=Verb.REJECT, reason="wrong", draft_commitment=draft, seconds_shown=3)
    await decide_review(bench.parts, bench.worker, waiting[0], decision, Actor(kind="person", id="p-1"))
    assert counted(bench, metric.DECIDED) == {("help", "reject"): 1}
    assert counted(bench, metric.CASES)["help", "rejected"] == 1
    types = Counter(type(body).__name__ for body in await bodies(bench))
    assert sum(counted(bench, metric.MODEL_CALLS).values()) == types["ModelCallFinished"]
    assert sum(counted(bench, metric.VERDICTS).values()) == types["CaseChecked"]


async def test_a_repeated_request_is_one_case(bench: Bench) -> None:
    await bench.activate()
    for _ in range(3):
        await bench.ask(key="once")
    assert counted(bench, metric.CASES_ACCEPTED) == {("help", "api", "interactive"): 1}


async def test_deliveries_that_fail_are_told_apart_from_those_that_are_refused(bench: Bench) -> None:
    bench.receiver = Receiver(refusals=[False])
    await bench.activate()
    summary = await bench.ask()
    assert summary.case.status is Status.FAILED
    assert counted(bench, metric.DELIVERIES) == {("help", "refused"): 1}
    assert counted(bench, metric.CASES_FAILED) == {("help", "delivery_refused"): 1}


async def test_a_step_that_breaks_is_an_interruption(bench: Bench) -> None:
    bench.hooks = replace(bench.hooks, postprocess=lambda *_: 1 / 0)
    await bench.activate()
    await bench.ask()
    assert counted(bench, metric.INTERRUPTIONS) == {("help",): 1}


def test_labels_stay_few_whatever_comes() -> None:
    tally = Tally()
    for number in range(MOST_VALUES + 50):
        tally.add(metric.REQUEST_ERRORS, (f"code-{number}",))
        tally.measure(metric.REQUEST_SECONDS, (f"handler-{number}",), 0.1)
    assert len(tally.numbers[metric.REQUEST_ERRORS.name]) == MOST_VALUES + 1
    assert tally.numbers[metric.REQUEST_ERRORS.name]["other",] == 50
    assert sum(tally.histograms[metric.REQUEST_SECONDS.name]["other",].counts) == 50


@pytest.mark.parametrize(("seconds", "place"), [(0.0, 0), (0.005, 0), (0.0051, 1), (300, 14), (301, 15)])
def test_a_measurement_falls_below_the_first_bound_that_it_does_not_exceed(seconds: float, place: int) -> None:
    tally = Tally()
    tally.measure(metric.REQUEST_SECONDS, ("h",), seconds)
    assert tally.histograms[metric.REQUEST_SECONDS.name]["h",].counts.index(1) == place


@dataclass
class Listener:
    """An exporter that breaks when told for the ``breaks``-th time."""

    breaks: int
    name: str = "listener"
    dropped: int = 0
    heard: list[Change] = field(default_factory=list)

    def saved(self, change: Change) -> None:
        self.heard.append(change)
        if len(self.heard) == self.breaks:
            raise RuntimeError("broken")

    async def close(self) -> None:
        pass


async def test_an_exporter_that_breaks_is_left_out_and_the_others_hear_on(bench: Bench) -> None:
    broken, sound = Listener(breaks=2), Listener(breaks=0)
    bench.parts = replace(bench.parts, watch=Watch((broken, sound)))
    bench.worker = type(bench.worker)(bench.parts)
    await bench.activate()
    summary = await bench.ask()
    assert summary.case.status is Status.DELIVERED
    assert len(broken.heard) == 2
    journal = await bench.parts.cases.events("default", summary.case.case_id)
    assert [event for change in sound.heard for event in change.events] == list(journal)
