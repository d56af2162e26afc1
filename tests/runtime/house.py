"""How does a test send whole cases through the chain of a real system to model services on real sockets?"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.runtime.conftest import ASKER, INPUT, OUTPUT

from leitstand.assembly import System, assembled
from leitstand.domain.case import Case
from leitstand.domain.event import Body
from leitstand.runtime.submit import Submission, open_case
from leitstand.settings import read_settings
from leitstand.testing.fault_server import FaultServer

CHAOS = Path(__file__).parents[1] / "chaos" / "workflow"
GOOD = json.dumps({"answer": "The harbour closes at 18 o'clock."})

WORKFLOW = """
name = "harbour"
data_class = "{data_class}"
risk_class = "minimal"
title = {{ en = "Harbour" }}
purpose = {{ en = "Answers questions on the harbour." }}
owners = {{ technical = "T", domain = "D" }}
baseline = {{ minutes_per_case = 1.0, cost_per_case = "1 EUR", source = "Made up" }}
slo = {{ response_seconds = 60.0, target_percent = 99.0 }}
budget = {{ per_case = "1 EUR", per_month = "1000 EUR", unknown_price = "allow" }}
input = {{ text = "question" }}
review = {{ when = "flagged", due_minutes = 60 }}

[[checks]]
guard = "output_schema"

[retrieval]
embedder = "none"
passages = 4
window_chars = 100
sources = [{{ path = "knowledge/*.md", language = "en" }}]

[draft]
text = "answer"
{draft}

{chain}
"""

KNOWLEDGE = "\n\n".join(
    f"# Harbour {number}\n\nThe harbour number {number} closes at {number} o'clock." for number in range(1, 7)
)


@dataclass(frozen=True, kw_only=True)
class House:
    """A running system with one workflow."""

    system: System

    async def ask(self, question: str = "When does the harbour close?") -> Case:
        """A case, run to its end or to a person."""
        submission = Submission(
            tenant_id="default", workflow="harbour", input={"question": question}, actor=ASKER, channel="api"
        )
        opened = await open_case(self.system.parts, self.system.worker, submission)
        await self.system.worker.wait(opened.case.case_id, 20)
        found = await self.system.parts.cases.summary("default", opened.case.case_id)
        assert found is not None
        return found.case

    async def ask_all(self, cases: int) -> list[Case]:
        """So many cases at once."""
        return list(await asyncio.gather(*(self.ask() for _ in range(cases))))

    async def bodies(self, case: Case) -> list[Body]:
        """What happened to a case."""
        return [event.body for event in await self.system.parts.cases.events("default", case.case_id)]


def target(server: FaultServer | str, **keys: object) -> str:
    """A target of the chain: a model service at this server or address."""
    url = server if isinstance(server, str) else server.url
    lines = {"provider": "openai_compatible", "model": "m", "base_url": f"{url}/v1", "retries": 0, **keys}
    return "[[draft.chain]]\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in lines.items())


@asynccontextmanager
async def a_house(
    folder: Path, *chain: str, settings: Mapping[str, str] | None = None, data_class: str = "public", **draft: object
) -> AsyncIterator[House]:
    """A system whose workflow has this chain, data of that class, and these further keys of ``[draft]``."""
    keys = "\n".join(f"{name} = {_toml(value)}" for name, value in draft.items())
    workflow = folder / "workflow"
    (workflow / "knowledge").mkdir(parents=True, exist_ok=True)
    for name, text in {
        "workflow.toml": WORKFLOW.format(data_class=data_class, draft=keys, chain="\n\n".join(chain)),
        "prompt.md": "Answer from the passages: {{ passages }} {{ input.question }}",
        "input.schema.json": json.dumps(INPUT),
        "output.schema.json": json.dumps(OUTPUT),
        "knowledge/harbour.md": KNOWLEDGE,
    }.items():
        (workflow / name).write_text(text)
    for name in ("risks.toml", "runbook.md"):
        shutil.copy(CHAOS / name, workflow / name)
    async with assembled(read_settings({}, data=folder / "data", **(settings or {}))) as system:
        await system.add(workflow, activate=True)
        yield House(system=system)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {json.dumps(each)}" for name, each in value.items()) + " }"
    return json.dumps(value)
