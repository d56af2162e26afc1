"""A real server over a real SQLite file with two small workflows, on a socket of its own."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
import uvicorn

from leitstand.assembly import TENANT
from leitstand.domain.budget import Budget
from leitstand.domain.drafting import Draft, Target
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, Message, Request
from leitstand.domain.policy import ReviewPolicy
from leitstand.domain.price import Price, Usage
from leitstand.domain.release import Release, release_digest
from leitstand.domain.review import Person
from leitstand.domain.workflow import Baseline, Normalisation, Owners, ResponseSlo, Workflow
from leitstand.json_contract import validator
from leitstand.ports import CaseFilter, Stores
from leitstand.runtime.parts import Hooks, Installations, Installed, Parts
from leitstand.runtime.stops import Stops
from leitstand.runtime.worker import Worker
from leitstand.settings import Settings
from leitstand.stores.sqlite import open_store
from leitstand.web.app import Application
from leitstand.web.serving import Serving

INPUT = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 1},
        "urgency": {"$ref": "#/$defs/urgency"},
    },
    "required": ["question"],
    "additionalProperties": False,
    "$defs": {"urgency": {"enum": ["low", "high"]}},
}
OUTPUT = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}


class Echo:
    """A model that repeats the question; ``#slow`` in it makes it take two seconds, ``#broken`` makes it fail."""

    price = Price(input_per_million=2_000_000_000, output_per_million=0, currency="EUR")

    async def generate(self, request: Request, _on_delta: Callable[[str], None] | None = None) -> Answer:
        question = request.grounding.question
        await asyncio.sleep(2.0 if "#slow" in question else 0)
        if "#broken" in question:
            raise ProviderFailed(kind="refused", retryable=False, provider="echo", detail="as asked")
        text = json.dumps({"answer": f"You asked: {question}"})
        return Answer(text=text, usage=Usage(input_tokens=20, output_tokens=5), model="echo", finish_reason="stop")


def workflow(name: str, when: str) -> Workflow:
    return Workflow(
        name=name,
        title={"en": "Echo", "de": "Echo"},
        purpose={"en": "Repeats the question.", "de": "Wiederholt die Frage."},
        owners=Owners(technical="T. Eck", domain="D. Omain"),
        data_class="internal",
        risk_class="minimal",
        baseline=Baseline(minutes_per_case=5, cost_per_case="4.00 EUR", source="guessed for tests"),
        slo=ResponseSlo(response_seconds=5, target_percent=95),
        budget=Budget(per_case="0.05 EUR", per_month="100 EUR"),
        input=Normalisation(text="question", max_chars=20_000),
        draft=Draft(chain=(Target(provider="echo", model="echo"),), text="answer"),
        review=ReviewPolicy(when=when, due_minutes=60),  # type: ignore[arg-type]
    )


WORKFLOWS = (workflow("echo", "flagged"), workflow("echo-reviewed", "always"))


async def install(release: Release) -> Installed:
    return Installed(
        digest=release.digest,
        workflow=release.workflow,
        input_schema=INPUT,
        output_schema=OUTPUT,
        input_problems=validator(INPUT),
        output_problems=validator(OUTPUT),
        render=lambda given, _passages, _language: (Message(role="user", content=str(given["question"])),),
        hooks=Hooks(),
        retriever=None,
        providers=(Echo(),),
        guardrails=(),
        deliverer=None,
    )


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server: where it is, a client for it, and what stands behind it."""

    url: str
    port: int
    client: aiohttp.ClientSession
    parts: Parts
    worker: Worker
    stores: Stores
    before: int = 0

    async def count(self) -> int:
        """Cases in the store beyond those that were there before the test."""
        return len(await self.parts.cases.find(TENANT, CaseFilter(limit=10_000))) - self.before

    async def open(self, question: str = "Where?", *, workflow: str = "echo", wait: int = 10, **headers: str) -> dict:
        """The JSON of a new case after its rest."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.post(
            f"/v1/workflows/{workflow}/cases?wait={wait}", json={"input": {"question": question}}, headers=sent
        ) as reply:
            assert reply.status in (200, 201), await reply.text()
            return await reply.json()


def micros() -> int:
    return time.time_ns() // 1000


async def stored_release(stores: Stores, frozen: Workflow) -> None:
    files = {"workflow.toml": frozen.name.encode()}
    release = Release(digest=release_digest(files, ""), workflow=frozen, files=files, index_id="")
    await stores.releases.add(release, tenant_id=TENANT, actor_id="operator", at=micros())
    await stores.releases.activate(release.digest, tenant_id=TENANT, actor_id="operator", at=micros())


@asynccontextmanager
async def serving(
    folder: Path, routes: Sequence = (), clock: Callable[[], int] = micros, **settings: object
) -> AsyncIterator[Served]:
    stores = open_store(folder / "leitstand.db", address="test", clock=micros)
    for frozen in WORKFLOWS:
        await stored_release(stores, frozen)
    await stores.people.add_person(TENANT, Person(id="p-1", name="Jürgen Weber"))
    installations = Installations(stores.releases, install)
    await installations.refresh()
    parts = Parts(
        cases=stores.cases,
        releases=stores.releases,
        people=stores.people,
        answers=stores.answers,
        reports=stores.reports,
        stops=Stops(stores.stops),
        ledger=stores.ledger,
        installations=installations,
        clock=clock,
    )
    own = Settings(data=folder, **settings)  # type: ignore[arg-type]
    worker = Worker(parts, most=own.most_running, most_waiting=own.most_waiting)
    app = Application(Serving(parts=parts, worker=worker, settings=own, tenant_id=own.tenant_id), routes)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, loop="none", http="httptools"))
    running = asyncio.create_task(server.serve([listening]))
    while not server.started:
        await asyncio.sleep(0.005)
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession(url) as client:
            yield Served(url=url, port=port, client=client, parts=parts, worker=worker, stores=stores)
    finally:
        server.should_exit = True
        await running
        await worker.stop()
        await stores.close()
        listening.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of this folder run in one loop per module, beside the server that they share."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """One server for all tests of a module, which tell by ``served`` what they added."""
    async with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def served(server: Served) -> Served:
    """The server of the module; ``count`` begins at zero for each test."""
    return replace(server, before=await server.count())


@pytest_asyncio.fixture(loop_scope="module")
async def empty(tmp_path: Path) -> AsyncIterator[Served]:
    """A server of its own, without cases."""
    async with serving(tmp_path) as running:
        yield running
