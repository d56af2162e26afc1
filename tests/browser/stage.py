"""A real server in a process of its own over real SQLite: good and bad drafts, forms, hostile text.

``python tests/browser/stage.py FOLDER PORT`` prints a line of JSON (the address and the case ids by name) once
everything stands, and serves until it is told to stop.
"""

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

import uvicorn

from leitstand import plugins
from leitstand.demo import FOLDER, QUESTIONS
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.event import Actor
from leitstand.domain.message import Answer, Message, Request
from leitstand.domain.price import Price, Usage
from leitstand.domain.release import Release, release_digest
from leitstand.domain.retrieval import Hit, Passage, Query
from leitstand.domain.review import Person
from leitstand.domain.sentences import sentences
from leitstand.json_contract import validator
from leitstand.ports import Guardrail
from leitstand.runtime.parts import Hooks, Installations, Installed, Parts
from leitstand.runtime.stops import Stops
from leitstand.runtime.submit import Submission, open_case
from leitstand.runtime.worker import Worker
from leitstand.settings import Settings
from leitstand.stores.sqlite import open_store
from leitstand.web.app import build_app

sys.path.insert(0, str(Path(__file__).parent))
from reports import reports

from workflows import CLAIM, SCHEMAS, WORKFLOWS

TENANT = "default"
KNOWLEDGE = FOLDER / "knowledge"
HOSTILE = '<script>document.title = \'taken\'</script><button hx-get="/taken" hx-trigger="load">x</button>'
INVENTED = ("#invented", "to my computer?")
"""What makes the model add a sentence that no source holds."""

WORD = re.compile(r"\w{4,}")


class Pages:
    """The help pages that share most words with the question."""

    id = "stage"

    def __init__(self) -> None:
        self._passages = [
            Passage(
                id=f"{language}-{page['id']}",
                source=f"{page['id']}.page",
                title=page["id"].replace("-", " "),
                text=page["text"],
                language=language,
            )
            for language in ("de", "en")
            for page in map(json.loads, (KNOWLEDGE / f"gnome_help_{language}.jsonl").read_text("utf-8").splitlines())
        ]
        self._passages.append(
            Passage(
                id="hostile",
                source="hostile.html",
                title=HOSTILE,
                text=f"Hostile words. {HOSTILE} The end of it.",
                language="en",
            )
        )

    def search(self, query: Query) -> tuple[Hit, ...]:
        wanted = set(WORD.findall(query.text.lower()))

        def score(passage: Passage) -> float:
            held = set(WORD.findall(f"{passage.title} {passage.text}".lower()))
            titled = set(WORD.findall(passage.title.lower()))
            return len(wanted & held) + 2 * len(wanted & titled) + (passage.language == query.language) * 9

        best = sorted(self._passages, key=score, reverse=True)[: query.limit]
        return tuple(Hit(passage=passage, score=score(passage)) for passage in best)


class Quoting:
    """Quotes the best sentences of the passages; words in the question make it lie, fail or be hostile."""

    price = Price(input_per_million=2_000_000_000, output_per_million=6_000_000_000, currency="EUR")

    async def generate(self, request: Request, on_delta: Callable[[str], None] | None = None) -> Answer:
        question = request.grounding.question
        if "#silent" in question:
            raise ProviderFailed(kind="unreachable", retryable=False, provider="quoting", detail="connection refused")
        text = json.dumps(self._output(request, question))
        return Answer(
            text=text, usage=Usage(input_tokens=2114, output_tokens=388), model="quoting-1", finish_reason="stop"
        )

    def _output(self, request: Request, question: str) -> dict[str, object]:
        if "summary" in request.schema["properties"]:  # type: ignore[index, operator]
            return CLAIM
        passages = request.grounding.passages
        answer = " ".join(
            f"{self._best(question, passage.text)} [{place}]" for place, passage in enumerate(passages[:3], 1)
        )
        if any(sign in question for sign in INVENTED):
            answer += " Since 2019 this also works with 47 devices at once."
        if "#hostile" in question:
            answer += f" {HOSTILE} [1]"
        return {"answer": answer}

    def _best(self, question: str, text: str) -> str:
        wanted = set(WORD.findall(question.lower()))
        spans = [span for span in sentences(text) if 40 < span.end - span.start < 260] or list(sentences(text))
        best = max(spans, key=lambda span: len(wanted & set(WORD.findall(text[span.start : span.end].lower()))))
        return text[best.start : best.end]


def guard(name: str) -> Guardrail:
    """A guardrail as the assembly finds it."""
    return cast("Guardrail", plugins.find("guardrails", name)())


async def install(release: Release) -> Installed:
    given, made = SCHEMAS[release.workflow.name]
    searched = release.workflow.retrieval is not None
    return Installed(
        digest=release.digest,
        workflow=release.workflow,
        input_schema=given,
        output_schema=made,
        input_problems=validator(given),
        output_problems=validator(made),
        render=render,
        hooks=Hooks(),
        retriever=Pages() if searched else None,
        providers=(Quoting(),),
        guardrails=tuple(guard(check.guard) for check in release.workflow.checks),
        deliverer=None,
    )


def render(given: Mapping[str, object], passages: tuple[Passage, ...], language: str) -> tuple[Message, ...]:
    return (Message(role="user", content=json.dumps(given)),)


def questions() -> list[str]:
    """Questions in German and English; every third answer gets an invented sentence."""
    gold = [json.loads(line)["input"]["question"] for line in QUESTIONS.read_text("utf-8").splitlines()][:40]
    return [f"{text} #invented" if place % 3 == 0 else text for place, text in enumerate(gold)]


async def fill(parts: Parts, worker: Worker) -> dict[str, str]:
    """Open the cases; the ids of the special ones by name."""
    mail = (
        "Sehr geehrte Damen und Herren,\n\nam 9. März ist in unserer Küche ein Rohr geplatzt. Der Boden ist zerstört. "
        "Die Rechnung über 6.240 EUR liegt bei.\n\nMit freundlichen Grüßen\nErika Mustermann"
    )
    special = {
        "invented": ("help", {"question": "How do I connect a Bluetooth device to my computer?"}),
        "german": ("help", {"question": "Wie stelle ich die Geschwindigkeit von Maus und Tastfeld ein? #invented"}),
        "hostile": ("help", {"question": f"Hostile words {HOSTILE} #hostile #invented"}),
        "silent": ("help", {"question": "Why does the printer not answer? #silent"}),
        "claim": ("claims", {"mail": mail, "policy": "HR-2024-118", "sum": 6240.5}),
    }
    opened = {}
    wanted = [
        *special.items(),
        *((f"case-{place}", ("help", {"question": text})) for place, text in enumerate(questions())),
    ]
    for name, (chosen, given) in wanted:
        submission = Submission(
            tenant_id=TENANT, workflow=chosen, input=given, actor=Actor(kind="client", id="portal"), channel="api"
        )
        opened[name] = (await open_case(parts, worker, submission)).case.case_id
    while worker.running:
        await asyncio.sleep(0.02)
    return {name: opened[name] for name in special}


def micros() -> int:
    return time.time_ns() // 1000


async def main(folder: Path, port: int) -> None:
    stores = open_store(folder / "leitstand.db", address="stage", clock=micros)
    for frozen in WORKFLOWS:
        files = {"workflow.toml": frozen.name.encode()}
        release = Release(digest=release_digest(files, ""), workflow=frozen, files=files, index_id="")
        await stores.releases.add(release, tenant_id=TENANT, actor_id="operator", at=micros())
        await stores.releases.activate(release.digest, tenant_id=TENANT, actor_id="operator", at=micros())
        for report in reports(TENANT, release.digest, micros()) if frozen.name == "help" else ():
            await stores.reports.add(report)
    for place, name in enumerate(("Miriam Weber", "Jürgen Lang")):
        await stores.people.add_person(TENANT, Person(id=f"p-{place}", name=name))
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
        clock=micros,
        data=folder,
    )
    worker = Worker(parts)
    cases = await fill(parts, worker)
    server = uvicorn.Server(
        uvicorn.Config(build_app(parts, worker, Settings(data=folder)), port=port, log_level="warning")
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    at = server.servers[0].sockets[0].getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{at}", "cases": cases}), flush=True)
    await serving
    await worker.stop()
    await stores.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
