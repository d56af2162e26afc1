"""Does the dashboard ask for what a real server shows, do the alerts, and does each alert say what to do?"""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from tests.acceptance.promql import Selector, grouping, selectors
from tests.acceptance.watched import Watched

from leitstand.domain.metric import METRICS

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "leitstand.json").read_text(encoding="utf-8"))
ALERTS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))

RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
EXPRESSIONS = [*QUERIES, *[(rule["alert"], rule["expr"]) for rule in RULES]]

ADDED = {"instance", "job", "le"}
"""Labels that Prometheus adds to what it scrapes, and the bounds of buckets."""

BY_PROMETHEUS = {"up"}
ONLY_ON_POSTGRESQL = {"leitstand_store_heartbeat_age_seconds", "leitstand_store_connections_used"}


@pytest.fixture(scope="module")
def shown(seen: Watched) -> dict[str, list[dict[str, str]]]:
    """Sample name to the labels of its samples, in a scrape of a server that did some work."""
    found: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(seen.metrics):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.labels)
    return found


def wrong(selector: Selector, shown: dict[str, list[dict[str, str]]]) -> list[str]:
    """What a selector asks for and nobody shows."""
    if selector.name in BY_PROMETHEUS | ONLY_ON_POSTGRESQL:
        return []
    if selector.name not in shown:
        return [f"there is no {selector.name}"]
    samples, faults = shown[selector.name], []
    for label, operator, value in selector.matchers:
        wanted = [] if value in ("$workflow", ".*") or label in ADDED else value.split("|")
        values = {sample.get(label) for sample in samples}
        if label not in ADDED and None in values:
            faults.append(f"{selector.name} has no label {label}")
        faults += [
            f"{selector.name} never has {label} {one}" for one in wanted if operator[0] != "!" and one not in values
        ]
    return faults


@pytest.mark.parametrize(("title", "expression"), EXPRESSIONS, ids=[title for title, _ in EXPRESSIONS])
def test_every_expression_asks_for_what_a_real_server_shows(
    shown: dict[str, list[dict[str, str]]], title: str, expression: str
) -> None:
    asked = selectors(expression)
    assert asked
    assert not [fault for selector in asked for fault in wrong(selector, shown)]
    labels = {label for selector in asked for sample in shown.get(selector.name, []) for label in sample}
    if not {selector.name for selector in asked} & ONLY_ON_POSTGRESQL:
        assert grouping(expression) <= labels | ADDED


@pytest.mark.parametrize(
    "expression",
    [
        "rate(leitstand_cases_gone_total[5m])",
        'leitstand_cases_total{staus="failed"}',
        'leitstand_cases_total{status=~"failed|lost"}',
    ],
)
def test_a_wrong_expression_would_be_seen(shown: dict[str, list[dict[str, str]]], expression: str) -> None:
    (selector,) = selectors(expression)
    assert wrong(selector, shown)


def test_every_metric_of_ours_is_on_the_dashboard_or_in_an_alert(shown: dict[str, list[dict[str, str]]]) -> None:
    used = {selector.name for _, expression in EXPRESSIONS for selector in selectors(expression)}
    ours = {re.sub("_(bucket|sum|count|created)$", "", name) for name in shown if name.startswith("leitstand_")}
    assert ours <= {re.sub("_(bucket|sum|count)$", "", name) for name in used}


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    taken = [
        (column, line)
        for panel in DASHBOARD["panels"]
        for column in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for line in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(column for column, _ in taken) < 24


@pytest.mark.parametrize("panel", PANELS, ids=[panel["title"] for panel in PANELS])
def test_every_panel_says_what_it_shows_in_which_unit_and_from_where(panel: dict) -> None:
    assert panel["title"] and panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    names = [target["refId"] for target in panel["targets"]]
    assert len(names) == len(set(names))
    for target in panel["targets"]:
        wanted = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
        grouped = grouping(target["expr"])
        assert not grouped or wanted <= grouped


def test_the_variables_of_the_dashboard_are_defined() -> None:
    defined = {variable["name"] for variable in DASHBOARD["templating"]["list"]} | {"__rate_interval", "__all"}
    assert set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD))) <= defined


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_every_alert_has_a_severity_and_leads_to_the_runbook_of_its_workflow(rule: dict) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"].endswith(".")
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    mine = "/{{ $labels.workflow }}" if "workflow" in grouping(rule["expr"]) else ""
    assert page == "{{ $externalLabels.leitstand }}/runbook" + mine
    assert anchor


def test_the_tests_of_the_alerts_speak_of_alerts_that_exist() -> None:
    """They are run by promtool, which is not part of this suite."""
    tests = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.test.yaml").read_text(encoding="utf-8"))["tests"]
    tested = {each["alertname"] for test in tests for each in test["alert_rule_test"]}
    assert tested <= {rule["alert"] for rule in RULES}
    series = [each["series"] for test in tests for each in test["input_series"]]
    names = {metric.name for metric in METRICS} | {f"{metric.name}_count" for metric in METRICS}
    assert {name.partition("{")[0] for name in series} <= names
