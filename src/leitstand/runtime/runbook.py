"""What does the runbook of a workflow say right now: live numbers, owners, drill, gold cases, and what people wrote?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from leitstand.domain.metric import Labels, Metric, Reading
from leitstand.domain.report import Report
from leitstand.domain.runbook import STEPS, Step
from leitstand.domain.stop import Stop
from leitstand.domain.workflow import Workflow
from leitstand.runtime.parts import Parts
from leitstand.runtime.vitals import read_metrics
from leitstand.runtime.worker import Worker

WRITTEN = "runbook.md"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A step with the number of each of its checks now; None where it is unknown."""

    step: Step
    values: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What an examination found: its body as plain data, when, and whether of the active release."""

    body: Mapping[str, object]
    at: int
    release: str
    is_current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Runbook:
    """The whole runbook; ``written`` is what people wrote in ``runbook.md`` of the release."""

    workflow: Workflow
    release: str
    at: int
    steps: tuple[Checked, ...]
    stopped: Stop | None
    drill: Found | None
    gold: Found | None
    written: str


async def runbook(parts: Parts, worker: Worker, tenant_id: str, name: str) -> Runbook:
    """The runbook of the active release; raises ``WorkflowUnknown``."""
    installed = parts.installations.active(tenant_id, name)
    release = await parts.releases.load(tenant_id, installed.digest)
    reading = await read_metrics(parts, worker)
    drill, gold = [await parts.reports.newest(tenant_id, name, kind) for kind in ("drill", "gold")]
    return Runbook(
        workflow=installed.workflow,
        release=installed.digest,
        at=parts.clock(),
        steps=tuple(_checked(step, reading, name) for step in STEPS),
        stopped=parts.stops.on_workflow(tenant_id, name),
        drill=_found(drill, installed.digest),
        gold=_found(gold, installed.digest),
        written=release.files.get(WRITTEN, b"").decode("utf-8", "replace").strip(),
    )


def _checked(step: Step, reading: Reading, workflow: str) -> Checked:
    return Checked(step=step, values=tuple((words, value_of(reading, each, workflow)) for words, each in step.checks))


def value_of(reading: Reading, wanted: Metric, workflow: str) -> str | None:
    """The number, that of the workflow where it is told apart; several as ``name n``; None when there is none."""
    values = reading.numbers.get(wanted.name, {})
    by_workflow = "workflow" in wanted.labels
    place = wanted.labels.index("workflow") if by_workflow else -1
    mine = {labels: value for labels, value in values.items() if not by_workflow or labels[place] == workflow}
    if not mine:
        return None
    told = {_label(labels, place): _number(value) for labels, value in mine.items()}
    return ", ".join(f"{name} {value}".strip() for name, value in told.items())


def _label(labels: Labels, but: int) -> str:
    return " ".join(label for at, label in enumerate(labels) if at != but)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 1e6 else f"{value:g}"


def _found(report: Report | None, digest: str) -> Found | None:
    if report is None:
        return None
    try:
        body = json.loads(report.body)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    return Found(body=body, at=report.at, release=report.release_digest, is_current=report.release_digest == digest)
