"""Can a real server be watched from outside, and does none of it say what the cases are about?"""

import json
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.acceptance.watched import CANARIES, Watched
from tests.exporters.collector import attributes

from leitstand.domain import metric
from leitstand.domain.metric import Metric

TRACES = "/v1/traces"


def samples(seen: Watched, wanted: Metric) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(seen.metrics)
    return {
        tuple(sample.labels[label] for label in wanted.labels): sample.value
        for family in families
        for sample in family.samples
        if sample.name == wanted.name
    }


def test_the_cases_did_what_they_were_to_do(seen: Watched) -> None:
    assert {mark: case["status"] for mark, case in seen.cases.items()} == {
        "plain": "delivered",
        "#refuse": "failed",
        "#fail": "delivered",
        "#invent": "review",
        "#break": "open",
    }


def test_the_metrics_say_what_happened(seen: Watched) -> None:
    assert samples(seen, metric.CASES_ACCEPTED) == {("chaos", "api", "interactive"): 5}
    assert samples(seen, metric.CASES)["chaos", "delivered"] == 3
    assert samples(seen, metric.CASES)["chaos", "review"] == 1
    ((_, release, reason),) = samples(seen, metric.FALLBACKS)
    assert (reason, samples(seen, metric.FALLBACKS)["chaos", release, reason]) == ("server_error", 1)
    assert samples(seen, metric.DRAFTS)["chaos", "fallback", release] == 1
    calls = samples(seen, metric.MODEL_CALLS)
    assert calls["openai_compatible", "first", "ok"] >= 2
    assert [labels[2] for labels in calls if labels[1] == "first" and labels[2] != "ok"]
    assert samples(seen, metric.MODEL_COST)["openai_compatible", "second", "EUR"] == pytest.approx(5.85e-6)
    assert samples(seen, metric.DECIDED) == {("chaos", "edit"): 1}
    assert samples(seen, metric.DELIVERIES)["chaos", "delivered"] == 3
    assert samples(seen, metric.DELIVERIES)["chaos", "refused"] == 1
    assert samples(seen, metric.CASES_FAILED) == {("chaos", "delivery_refused"): 1}
    assert samples(seen, metric.INTERRUPTIONS)["chaos",] >= 1
    errors = samples(seen, metric.REQUEST_ERRORS)
    assert {code for (code,), count in errors.items() if count} == {
        "input_invalid",
        "workflow_unknown",
        "case_unknown",
        "address_unknown",
    }
    requests = samples(seen, metric.REQUESTS)
    assert requests["open_case", "201"] == 5
    assert requests["none", "404"] == 1


def test_the_traces_say_what_happened(seen: Watched) -> None:
    spans = seen.collector.spans()
    names = {span.name for span in spans}
    assert {"invoke_workflow chaos", "chat first", "chat second", "retrieval", "deliver"} <= names
    assert {"apply_guardrail citations", "apply_guardrail facts", "apply_guardrail injection"} <= names
    (plain,) = [span for span in spans if attributes(span).get("leitstand.case.id") == seen.cases["plain"]["id"]]
    assert attributes(plain)["leitstand.case.status"] == "delivered"


def test_every_line_of_the_log_is_an_object_that_says_when_where_and_about_what(seen: Watched) -> None:
    lines = [json.loads(line) for line in seen.log.splitlines() if line.startswith("{")]
    assert lines
    assert all({"time", "level", "logger", "event"} <= line.keys() for line in lines)
    (broken, *_) = [line for line in lines if "broke" in line["event"]]
    assert broken["case_id"] == seen.cases["#break"]["id"]
    assert broken["workflow"] == "chaos"
    assert re.fullmatch("[0-9a-f]{16}", broken["occurrence"])
    assert broken["errors"][0]["error"] == "ValueError"
    assert any("postprocess" in place for place in broken["errors"][0]["places"])


def test_the_rest_of_the_output_is_what_a_person_is_told_at_the_start(seen: Watched) -> None:
    rest = [line for line in seen.log.splitlines() if not line.startswith("{")]
    assert all("chaos" in line or "Leitstand serves" in line for line in rest), rest


@pytest.mark.parametrize("canary", CANARIES)
def test_nothing_that_is_watched_says_what_a_case_is_about(seen: Watched, canary: str) -> None:
    assert canary not in seen.metrics
    assert canary not in seen.log
    assert len(seen.collector.bodies(TRACES)) > 0
    assert not [path for path, body in seen.collector.received if canary.encode() in body]
