"""Does every alert lead to a step of the runbook, and every step to a section of the how-to page?"""

import re
from pathlib import Path

import yaml

from leitstand.domain.runbook import STEPS

ROOT = Path(__file__).parents[2]
PAGE = "docs/how-to/observe.md#"


def alerts() -> dict[str, str]:
    """Name of an alert to the place that its runbook names."""
    read = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())
    rules = [rule for group in read["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule["annotations"]["runbook"] for rule in rules}


def test_every_alert_has_a_step() -> None:
    anchors = {step.anchor for step in STEPS}
    found = alerts()
    assert found
    astray = {name for name, place in found.items() if place.removeprefix(PAGE) not in anchors}
    assert astray == set()


def test_every_step_has_an_anchor_of_its_own_and_something_to_check_and_to_do() -> None:
    anchors = [step.anchor for step in STEPS]
    assert len(set(anchors)) == len(anchors)
    assert all(re.fullmatch(r"[a-z-]+", anchor) for anchor in anchors)
    assert all(step.checks and step.actions for step in STEPS)
    headings = re.findall(r"^### (.+)$", (ROOT / "docs" / "how-to" / "observe.md").read_text(), re.MULTILINE)
    sections = {heading.lower().replace(" ", "-") for heading in headings}
    assert {place.removeprefix(PAGE) for place in alerts().values()} <= sections
