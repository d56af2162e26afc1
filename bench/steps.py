"""What do the steps of a case cost in CPU, without store, server and model?

    python bench/steps.py [FOLDER] [--rounds 5] [--embedder none]

The steps themselves run, one case after another; what is left out are the store (events are encoded, nothing is kept)
and the model (its answers were written down before). Two workflows: that of the chaos run, as ``bench/engine.py``
measures it, and the demo's, with real questions over its 512 help pages: those of
``FOLDER/gnome_help_*/queries.jsonl``, else the demo's own.

CPU microseconds a case, medians of the rounds; ``all`` is measured by itself, without a clock between the parts.
``first``: nothing is remembered, each case is the first of its process (what is compiled once stays). ``varied``: every
question once, so that passages and words come back as they do in use. ``again``: the same questions. ``ruler`` is one
JSON decoding and SHA-256 of the input, in the same run.
"""

import argparse
import gc
import hashlib
import json
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import _lru_cache_wrapper
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvloop

from leitstand import demo
from leitstand.assembly import Installer, now, read_folder
from leitstand.definition.freeze import freeze
from leitstand.domain.case import Case, next_step
from leitstand.domain.event import Actor, CaseAccepted
from leitstand.domain.message import Grounding, Request
from leitstand.domain.retrieval import Query
from leitstand.encoding import encode_event, plain
from leitstand.ports import Change, IndexPlace
from leitstand.providers.scripted import ScriptedModel
from leitstand.runtime.ids import new_id
from leitstand.runtime.parts import Installed, Parts
from leitstand.runtime.prepare import prepare
from leitstand.runtime.record import Journal, first_change
from leitstand.runtime.run_case import CALLER, Run
from leitstand.runtime.submit import check_input
from leitstand.runtime.worker import STEPS
from leitstand.transports.aiohttp import AiohttpTransport

CHAOS = Path(__file__).parents[1] / "tests" / "chaos" / "workflow"
ASKER = Actor(kind="client", id="bench")
LEAST_REMEMBERED = 100
"""Caches of this size or more remember texts; smaller ones what is compiled from a release."""
FIRST = 150
"""Cases of a round that find nothing remembered."""
PARTS = ("prompt", "output_schema", "citations", "facts", "injection", "events")

Spent = dict[str, int]
"""CPU nanoseconds by what they went into."""


class Clock:
    """CPU nanoseconds of this process, or always 0 while nobody wants to know."""

    read = True

    def __call__(self) -> int:
        """The time now."""
        return time.process_time_ns() if self.read else 0


clock = Clock()


class NoStore:
    """Encodes what a store would write, and keeps nothing."""

    async def append(self, change: Change, *, due_to: int) -> None:
        """Encode."""
        del due_to
        for event in change.events:
            encode_event(event)


def timed(name: str, function: Callable[..., Any], spent: Spent) -> Callable[..., Any]:
    """``function`` that says what it took."""

    def wrapper(*given: Any, **named: Any) -> Any:
        began = clock()
        result = function(*given, **named)
        spent[name] += clock() - began
        return result

    return wrapper


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A workflow put together, its inputs, and where the CPU time of its steps is added up."""

    parts: Parts
    installed: Installed
    inputs: Sequence[dict[str, object]]
    spent: Spent

    async def case(self, given: dict[str, object]) -> None:
        """One case through all its steps."""
        spent, parts = self.spent, self.parts
        began = clock()
        case = accepted(self.installed, given)
        spent["accept"] += clock() - began
        journal = Journal(parts, case)
        journal.note = timed("events", journal.note, spent)
        run = Run(parts=parts, installed=self.installed, journal=journal, memory={"input": given, CALLER: ASKER.id})
        while step := next_step(run.case, self.installed.workflow):
            began = clock()
            await STEPS[step](run)
            spent[step] += clock() - began
        await journal.save()


def accepted(installed: Installed, given: dict[str, object]) -> Case:
    """The case after its acceptance, as ``open_case`` makes it."""
    check_input(installed.workflow, installed.input_problems, given)
    at = now()
    opening = Case(
        tenant_id="default",
        case_id=new_id(at),
        workflow=installed.workflow.name,
        release_digest=installed.digest,
        accepted_at=at,
    )
    body = CaseAccepted(workflow=installed.workflow.name, channel="api")
    change = first_change(opening, body, ASKER, {"input": given}, kept=True)
    encode_event(change.events[0])
    return change.case


def copied(folder: Path, scratch: Path, embedder: str) -> Path:
    """A copy of a workflow that delivers to its caller, draws no sample for review, and has that embedder."""
    copy = scratch / folder.name
    shutil.copytree(folder, copy)
    text = (copy / "workflow.toml").read_text("utf-8")
    text = re.sub(r"sample_percent = .*|, delay_ms = 40", "", text)
    text = re.sub(r'kind = "webhook"\nurl = .*', 'kind = "caller"', text)
    text = re.sub(r'embedder = ".*"', f'embedder = "{embedder}"', text)
    (copy / "workflow.toml").write_text(text, "utf-8")
    return copy


def questions(folder: Path | None) -> list[dict[str, object]]:
    """Inputs of the demo."""
    files = sorted(folder.glob("gnome_help_*/queries.jsonl")) if folder else []
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    if rows:
        return [{"question": row["query"]} for row in rows]
    return [
        json.loads(line)["input"] for line in (demo.FOLDER / "gold/questions.jsonl").read_text("utf-8").splitlines()
    ]


async def put_together(folder: Path, scratch: Path, inputs: Sequence[dict[str, object]]) -> Bench:
    """The workflow in ``folder`` with timed guards, and a model that answers as its own model did."""
    installer = Installer(IndexPlace(folder=scratch / "indexes"), AiohttpTransport())
    installed = await installer.install(freeze(read_folder(folder), installer.index_id, folder))
    answers = {str(given["question"]): await answer(installed, given) for given in inputs}
    spent: Spent = defaultdict(int)

    guards = [SimpleNamespace(name=one.name, judge=timed(one.name, one.judge, spent)) for one in installed.guardrails]
    ready = replace(
        installed,
        providers=(ScriptedModel(lambda request: answers[request.grounding.question]),),
        guardrails=tuple(guards),
        render=timed("prompt", installed.render, spent),
    )
    nothing: Any = NoStore()
    names = ("cases", "releases", "people", "answers", "reports", "stops", "ledger", "installations")
    parts = Parts(**dict.fromkeys(names, nothing), clock=now)
    return Bench(parts=parts, installed=ready, inputs=inputs, spent=spent)


async def answer(installed: Installed, given: dict[str, object]) -> str:
    """What the workflow's own first model says."""
    cleaned, language, _ = prepare(installed, given)
    settings = installed.workflow.retrieval
    hits = installed.retriever.search(Query(text=cleaned.text, language=language, limit=settings.passages))
    grounding = Grounding(question=cleaned.text, language=language, passages=tuple(hit.passage for hit in hits))
    request = Request(
        model="", messages=(), schema=installed.output_schema, grounding=grounding, timeout=5.0, key="bench"
    )
    return (await installed.providers[0].generate(request)).text


def forget() -> None:
    """Empty every cache that remembers texts."""
    for name, module in list(sys.modules.items()):
        if name.startswith("leitstand"):
            for value in vars(module).values():
                if isinstance(value, _lru_cache_wrapper) and (value.cache_info().maxsize or 0) >= LEAST_REMEMBERED:
                    value.cache_clear()


async def taken(bench: Bench, count: int, before: Callable[[], None] | None = None) -> dict[str, float]:
    """Microseconds a case by part, over the first ``count`` inputs, ``before`` called ahead of each."""
    bench.spent.clear()
    gc.collect()
    for given in bench.inputs[:count]:
        if before:
            before()
        began = time.process_time_ns()
        await bench.case(given)
        bench.spent["all"] += time.process_time_ns() - began
    return {name: nanoseconds / count / 1000 for name, nanoseconds in bench.spent.items()}


async def both(
    bench: Bench, count: int, ahead: Callable[[], None] = int, before: Callable[[], None] | None = None
) -> dict[str, float]:
    """``taken`` for a case as a whole, then part by part: the clock costs too much to be read forty times unnoticed."""
    found: dict[str, float] = {}
    for clock.read in (True, False):
        ahead()
        found |= {name: spent for name, spent in (await taken(bench, count, before)).items() if spent}
    return found


def ruler(inputs: Sequence[dict[str, object]]) -> float:
    """Microseconds of one JSON decoding and SHA-256 of an input."""
    bodies = [json.dumps({"input": given}).encode() for given in inputs] * 20
    began = time.process_time_ns()
    for body in bodies:
        plain(body)
        hashlib.sha256(body).hexdigest()
    return (time.process_time_ns() - began) / len(bodies) / 1000


async def measure(bench: Bench, rounds: int) -> dict[str, list[dict[str, float]]]:
    """All rounds by column."""
    found: dict[str, list[dict[str, float]]] = {"first": [], "varied": [], "again": []}
    count = len(bench.inputs)
    await taken(bench, count)
    for _ in range(rounds):
        unit = {"ruler": ruler(bench.inputs)}
        found["first"].append(unit | await both(bench, min(FIRST, count), before=forget))
        found["varied"].append(unit | await both(bench, count, ahead=forget))
        found["again"].append(unit | await both(bench, count))
    return found


def lines(found: dict[str, list[dict[str, float]]]) -> Iterator[str]:
    """The table: steps, their sum, and the parts inside them."""
    columns = {
        name: {part: statistics.median(row.get(part, 0.0) for row in rows) for part in rows[0]}
        for name, rows in found.items()
    }
    yield f"{'':16}" + "".join(f"{name:>9}" for name in columns) + f"{'x ruler':>9}"
    for part in ("all", "accept", *STEPS, *PARTS, "ruler"):
        figures = "".join(f"{column.get(part, 0.0):9.1f}" for column in columns.values())
        again = columns["again"]
        label = f"  in it: {part}" if part in PARTS else part
        yield f"{label:16}{figures}{again.get(part, 0.0) / again['ruler']:9.1f}"


async def run(given: argparse.Namespace, scratch: Path) -> None:
    """Measure and print both workflows."""
    asked: dict[str, object] = {"question": "When does the harbour close?", "number": 1}
    for name, folder, embedder, inputs in (
        ("chaos", CHAOS, "none", [asked] * 500),
        (f"demo, embedder {given.embedder}", demo.FOLDER, given.embedder, questions(given.folder)),
    ):
        bench = await put_together(copied(folder, scratch, embedder), scratch, inputs)
        counts = f"{len(inputs)} cases ({min(FIRST, len(inputs))} first ones), {given.rounds} rounds"
        print(f"\n{name}: {counts}, CPU us a case")
        print("\n".join(lines(await measure(bench, given.rounds))))


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--embedder", default="none")
    with tempfile.TemporaryDirectory(prefix="leitstand-bench-", ignore_cleanup_errors=True) as scratch:
        uvloop.run(run(parser.parse_args(), Path(scratch)))


if __name__ == "__main__":
    main()
