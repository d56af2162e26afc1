"""What does the runbook of a workflow say right now: live numbers, owners, drill, gold cases, and what people wrote?"""

from collections.abc import Mapping
from dataclasses import dataclass

from leitstand.domain.evaluation import Level
from leitstand.domain.metric import DIGITS, LOOK_AGE, Kind, Labels, Metric, Reading
from leitstand.domain.report import Report
from leitstand.domain.runbook import STEPS, Step
from leitstand.domain.stop import Stop
from leitstand.domain.workflow import Workflow
from leitstand.runtime.drilled import Scenario, drill_of
from leitstand.runtime.gold import levels_of
from leitstand.runtime.parts import Parts
from leitstand.runtime.vitals import read_metrics
from leitstand.runtime.worker import Worker

WRITTEN = "runbook.md"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A step with what each of its checks counts now, by labels; None where that is unknown."""

    step: Step
    values: tuple[tuple[str, Mapping[Labels, float] | None], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """When the newest examination of a kind was, and of which release."""

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
    scenarios: tuple[Scenario, ...]
    gold: Found | None
    levels: tuple[Level, ...]
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
        steps=tuple(
            _checked(step, reading, {"workflow": name, "release": installed.digest[:DIGITS]}) for step in STEPS
        ),
        stopped=parts.stops.on_workflow(tenant_id, name),
        drill=found(drill, installed.digest),
        scenarios=drilled.scenarios if (drilled := drill_of(drill)) else (),
        gold=found(gold, installed.digest),
        levels=levels_of(gold),
        written=release.files.get(WRITTEN, b"").decode("utf-8", "replace").strip(),
    )


def _checked(step: Step, reading: Reading, of: Mapping[str, str]) -> Checked:
    return Checked(step=step, values=tuple((words, numbers_of(reading, each, of)) for words, each in step.checks))


def numbers_of(reading: Reading, wanted: Metric, of: Mapping[str, str]) -> Mapping[Labels, float] | None:
    """The numbers, those ``of`` a workflow and its release where these are told apart, by the labels that are left.

    What was never counted was counted 0 times, by a process that works; what nobody measured is None.
    """
    if wanted.kind is Kind.COUNTER and not reading.numbers.get(LOOK_AGE.name):
        return None
    values = reading.numbers.get(wanted.name, {})
    place = [of.get(label) for label in wanted.labels]
    mine = {
        tuple(label for label, asked in zip(labels, place, strict=True) if asked is None): value
        for labels, value in values.items()
        if all(asked in (None, label) for label, asked in zip(labels, place, strict=True))
    }
    return mine or ({(): 0.0} if wanted.kind is Kind.COUNTER else None)


def found(report: Report | None, digest: str) -> Found | None:
    """When a report was made and of what, beside the digest of the active release."""
    if report is None:
        return None
    return Found(at=report.at, release=report.release_digest, is_current=report.release_digest == digest)
