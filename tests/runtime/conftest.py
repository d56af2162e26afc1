"""How do tests of the runtime get a real store and a small release of their own?"""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.domain.workflows import a_workflow

from leitstand.assembly import now
from leitstand.definition.prompt import Prompt
from leitstand.domain.caching import Cache
from leitstand.domain.case import CaseSummary
from leitstand.domain.drafting import Target
from leitstand.domain.errors import DeliveryFailed, ExtensionMissing
from leitstand.domain.event import Actor
from leitstand.domain.guardrail import Judgement, Subject, Verdict
from leitstand.domain.message import Answer, Request
from leitstand.domain.price import Price, Usage
from leitstand.domain.release import Release, release_digest
from leitstand.domain.workflow import DataClass, Limits
from leitstand.json_contract import validator
from leitstand.ports import Deliverer, Embedder, Hooks, Stores
from leitstand.runtime.gates import Gate
from leitstand.runtime.parts import Installations, Installed, Parts
from leitstand.runtime.stops import Stops
from leitstand.runtime.submit import Submission, open_case
from leitstand.runtime.tool_call import ReadyTool
from leitstand.runtime.worker import Worker
from leitstand.stores.sqlite import open_store

ASKER = Actor(kind="client", id="test")
INPUT = {
    "type": "object",
    "properties": {"question": {"type": "string"}},
    "required": ["question"],
    "additionalProperties": False,
}
OUTPUT = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
GOOD = json.dumps({"answer": "Ja."})


@dataclass
class Script:
    """A provider that says, or raises, one thing after another; the last one for ever."""

    replies: list[object] = field(default_factory=lambda: [GOOD])
    price: Price | None = None
    requests: list[Request] = field(default_factory=list)

    async def generate(self, request: Request, on_delta: Callable[[str], None] | None = None) -> Answer:
        """The next reply."""
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        if callable(reply):
            reply = await reply()
        if isinstance(reply, Answer):
            return reply
        return Answer(text=str(reply), usage=Usage(input_tokens=10, output_tokens=5), model="m", finish_reason="stop")


@dataclass
class Opinion:
    """A guardrail with a fixed verdict; None breaks."""

    verdict: Verdict | None = Verdict.PASSED
    name: str = "citations"

    def judge(self, subject: Subject) -> Judgement:
        """The verdict."""
        if self.verdict is None:
            raise RuntimeError(subject.input_text)
        return Judgement(guard=self.name, verdict=self.verdict)


@dataclass
class Receiver:
    """A receiver that refuses some times and then takes everything, in order."""

    refusals: list[bool] = field(default_factory=list)
    taken: list[tuple[str, bytes]] = field(default_factory=list)

    async def deliver(self, *, key: str, body: bytes) -> str:
        """Take it, or refuse with the next ``retryable``."""
        if self.refusals:
            raise DeliveryFailed(
                kind="refused", retryable=self.refusals.pop(0), status=403, receiver="test", detail="refused"
            )
        self.taken.append((key, body))
        return "ok"


@dataclass
class Bench:
    """A store, a worker and one release whose parts the test may set before the first case."""

    path: Path
    scripts: list[Script] = field(default_factory=lambda: [Script()])
    opinion: Opinion = field(default_factory=Opinion)
    receiver: Deliverer | None = None
    hooks: Hooks = field(default_factory=Hooks)
    gates: tuple[Gate, ...] = ()
    review: dict[str, str] = field(default_factory=dict)
    draft: dict[str, object] = field(default_factory=dict)
    budget: dict[str, object] = field(default_factory=dict)
    target: dict[str, int] = field(default_factory=dict)
    tools: tuple[ReadyTool, ...] = ()
    tool_rounds: int = 5
    broken: bool = False
    cache: Cache = field(default_factory=Cache)
    data_class: DataClass = "public"
    tenant: str = "default"
    questions: Embedder | None = None
    stores: Stores = field(init=False)
    parts: Parts = field(init=False)
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Open the database as a new process would."""
        self.stores = open_store(self.path, address="test", clock=now)
        installations = Installations(self.stores.releases, self.install)
        self.parts = Parts(
            cases=self.stores.cases,
            releases=self.stores.releases,
            people=self.stores.people,
            answers=self.stores.answers,
            reports=self.stores.reports,
            stops=Stops(self.stores.stops),
            ledger=self.stores.ledger,
            installations=installations,
            clock=now,
            gates=self.gates,
        )
        self.worker = Worker(self.parts)

    async def end(self) -> None:
        """Stop the worker in the middle of whatever it does, and close the database."""
        await self.worker.stop()
        await self.stores.close()

    async def install(self, release: Release) -> Installed:
        """The release with the parts of this bench."""
        if self.broken:
            raise ExtensionMissing(group="guardrails", name="gone", way_out="Install it.")
        return Installed(
            digest=release.digest,
            workflow=release.workflow,
            input_schema=INPUT,
            output_schema=OUTPUT,
            input_problems=validator(INPUT),
            output_problems=validator(OUTPUT),
            render=Prompt("{{ input.question }}", INPUT, OUTPUT, "en").render,
            hooks=self.hooks,
            retriever=None,
            providers=tuple(self.scripts),
            guardrails=(self.opinion,),
            deliverer=self.receiver,
            questions=self.questions,
            tools={ready.tool.name: ready for ready in self.tools},
        )

    async def activate(self, marker: str = "a", **limits: int) -> str:
        """Store and activate a release; ``marker`` makes releases differ, ``limits`` are its own."""
        places = range(len(self.scripts))
        chain = tuple(Target(provider="scripted", model=f"m{place}", retries=1, **self.target) for place in places)
        workflow = a_workflow(sources=False, chain=chain)
        workflow = replace(
            workflow,
            limits=Limits(**limits),
            data_class=self.data_class,
            draft=replace(workflow.draft, cache=self.cache),
        )
        workflow = replace(workflow, review=replace(workflow.review, **self.review))
        workflow = replace(workflow, draft=replace(workflow.draft, **self.draft))  # type: ignore[arg-type]
        workflow = replace(workflow, budget=replace(workflow.budget, **self.budget))
        workflow = replace(workflow, tools=tuple(ready.tool for ready in self.tools))
        workflow = replace(workflow, draft=replace(workflow.draft, tool_rounds=self.tool_rounds))
        files = frozen_files(workflow, marker)
        release = Release(digest=release_digest(files, ""), workflow=workflow, files=files, index_id="")
        await self.stores.releases.add(release, tenant_id=self.tenant, actor_id="test", at=now())
        await self.stores.releases.activate(release.digest, tenant_id=self.tenant, actor_id="test", at=now())
        await self.parts.installations.refresh()
        return release.digest

    async def ask(self, question: str = "Geht das?", key: str | None = None) -> CaseSummary:
        """Submit a case and wait until it ended or waits for a person."""
        submission = Submission(
            tenant_id=self.tenant,
            workflow="help",
            input={"question": question},
            actor=ASKER,
            channel="api",
            idempotency_key=key,
        )
        opened = await open_case(self.parts, self.worker, submission)
        await self.worker.wait(opened.case.case_id, 10)
        found = await self.parts.cases.summary(self.tenant, opened.case.case_id)
        assert found is not None
        return found

    async def types(self, summary: CaseSummary) -> list[str]:
        """The types of the case's events."""
        return [event.type for event in await self.parts.cases.events("default", summary.case.case_id)]


def frozen_files(workflow: object, marker: str) -> dict[str, bytes]:
    """The files of a release of ``workflow``."""
    from leitstand.definition.convert import to_json
    from leitstand.definition.thaw import RESOLVED
    from leitstand.domain.workflow import Workflow

    assert isinstance(workflow, Workflow)
    return {RESOLVED: to_json(workflow), "prompt.md": marker.encode()}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A bench on a real database."""
    made = Bench(path=tmp_path / "leitstand.db")
    yield made
    await made.end()
