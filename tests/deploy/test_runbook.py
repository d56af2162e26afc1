"""Does every alert lead to a step of the runbook, and every step to a section of the how-to page?"""

import re
from pathlib import Path

import yaml

from leitstand.domain.runbook import STEPS

ROOT = Path(__file__).parents[2]


def alerts() -> dict[str, str]:
    """Name of an alert to the anchor of its step."""
    read = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())
    rules = [rule for group in read["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule["annotations"]["runbook_url"].partition("#")[2] for rule in rules}


def test_the_address_that_alerts_link_to_is_set_in_one_place() -> None:
    prometheus = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yaml").read_text())
    assert prometheus["global"]["external_labels"]["leitstand"].startswith("http")


def test_every_alert_has_a_step() -> None:
    anchors = {step.anchor for step in STEPS}
    found = alerts()
    assert found
    astray = {name for name, anchor in found.items() if anchor not in anchors}
    assert astray == set()


def test_every_step_has_an_anchor_of_its_own_and_something_to_check_and_to_do() -> None:
    anchors = [step.anchor for step in STEPS]
    assert len(set(anchors)) == len(anchors)
    assert all(re.fullmatch(r"[a-z-]+", anchor) for anchor in anchors)
    assert all(step.checks and step.actions for step in STEPS)
    headings = re.findall(r"^### (.+)$", (ROOT / "docs" / "how-to" / "observe.md").read_text(), re.MULTILINE)
    sections = {heading.lower().replace(" ", "-") for heading in headings}
    assert set(alerts().values()) <= sections
