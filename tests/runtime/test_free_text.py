"""Is free text a draft, and when may it leave piece by piece?"""

from dataclasses import dataclass, field, replace

import pytest
from tests.domain.workflows import a_workflow
from tests.runtime.conftest import Bench, Opinion, frozen_files

from leitstand.assembly import now
from leitstand.domain.case import Status
from leitstand.domain.drafting import Target
from leitstand.domain.message import Answer, Request
from leitstand.domain.policy import ReviewPolicy
from leitstand.domain.price import Usage
from leitstand.domain.release import Release, release_digest
from leitstand.domain.workflow import Workflow
from leitstand.encoding import plain
from leitstand.ports import Hooks
from leitstand.runtime.parts import Installed


@dataclass
class Writer:
    """A model that writes free text and stops for the reason it is told."""

    text: str = "No JSON at all {"
    finish_reason: str = "stop"
    price: None = None
    requests: list[Request] = field(default_factory=list)

    async def generate(self, request: Request, on_delta: object = None) -> Answer:
        self.requests.append(request)
        return Answer(text=self.text, usage=Usage(), model="w", finish_reason=self.finish_reason)


def a_writing_workflow() -> Workflow:
    made = a_workflow(sources=False, chain=(Target(provider="scripted", retries=0),))
    return replace(made, draft=replace(made.draft, form="text"))


async def asked(bench: Bench, writer: Writer, workflow: Workflow) -> tuple[Status, object]:
    bench.scripts = [writer]  # type: ignore[list-item]
    files = frozen_files(workflow, "w")
    release = Release(digest=release_digest(files, ""), workflow=workflow, files=files, index_id="")
    await bench.stores.releases.add(release, tenant_id="default", actor_id="test", at=now())
    await bench.stores.releases.activate(release.digest, tenant_id="default", actor_id="test", at=now())
    await bench.parts.installations.refresh()
    summary = await bench.ask()
    contents = await bench.parts.cases.contents("default", summary.case.case_id, ("draft",))
    return summary.case.status, plain(contents["draft"]) if contents else None


async def test_whatever_the_model_writes_is_the_text_field(bench: Bench):
    writer = Writer()
    assert await asked(bench, writer, a_writing_workflow()) == (Status.DELIVERED, {"answer": "No JSON at all {"})
    assert writer.requests[0].schema is None


async def test_a_text_that_is_cut_off_is_no_draft_of_a_workflow_with_a_question(bench: Bench):
    status, draft = await asked(bench, Writer(finish_reason="length"), a_writing_workflow())
    assert (status, draft) == (Status.ESCALATED, None)


async def test_an_object_is_still_asked_for_with_its_schema(bench: Bench):
    writer = Writer(text='{"answer": "Ja."}')
    workflow = a_writing_workflow()
    workflow = replace(workflow, draft=replace(workflow.draft, form="json"))
    assert await asked(bench, writer, workflow) == (Status.DELIVERED, {"answer": "Ja."})
    assert writer.requests[0].schema is not None


@pytest.mark.parametrize(
    ("change", "streams"),
    [
        ({}, True),
        ({"guardrails": (Opinion(),)}, False),
        ({"hooks": Hooks(postprocess=lambda output, _: output)}, False),
        ({"hooks": Hooks(normalise=lambda given: given)}, True),
        ({"deliverer": object()}, False),
        ({"review": ReviewPolicy(when="always", due_minutes=60)}, False),
        ({"review": ReviewPolicy(when="flagged", due_minutes=60, sample_percent=1)}, False),
        ({"form": "json"}, False),
    ],
)
async def test_pieces_leave_only_where_nothing_may_hold_the_answer_back(bench: Bench, change: dict, streams: bool):
    workflow = a_writing_workflow()
    if "form" in change:
        workflow = replace(workflow, draft=replace(workflow.draft, form=change.pop("form")))
    if "review" in change:
        workflow = replace(workflow, review=change.pop("review"))
    files = frozen_files(workflow, "w")
    release = Release(digest=release_digest(files, ""), workflow=workflow, files=files, index_id="")
    installed: Installed = replace(await bench.install(release), **{"guardrails": (), **change})
    assert installed.streams is streams
