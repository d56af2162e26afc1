"""What do a workflow and the health of the process look like in JSON?"""

import msgspec

from leitstand.runtime.parts import Installed


class WorkflowJson(msgspec.Struct, frozen=True, kw_only=True):
    """An active workflow with the release that serves new cases; texts per language."""

    name: str
    title: dict[str, str]
    purpose: dict[str, str]
    release: str
    data_class: str
    risk_class: str
    steps: tuple[str, ...]


class WorkflowList(msgspec.Struct, frozen=True, kw_only=True):
    """The active workflows by name."""

    workflows: tuple[WorkflowJson, ...]


def workflow_json(installed: Installed) -> WorkflowJson:
    """The JSON of a workflow."""
    workflow = installed.workflow
    return WorkflowJson(
        name=workflow.name,
        title=dict(workflow.title),
        purpose=dict(workflow.purpose),
        release=installed.digest,
        data_class=workflow.data_class,
        risk_class=workflow.risk_class,
        steps=workflow.steps,
    )
