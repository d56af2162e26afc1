"""How are the cases of files run, a few at a time, and what came of each?"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from leitstand import demo
from leitstand.assembly import System, assembled
from leitstand.cli.output import interactive, say
from leitstand.cli.usage import wrong_usage
from leitstand.domain.case import Case
from leitstand.domain.citation import CITATION, numbers_of
from leitstand.domain.errors import CallerError, RequestMalformed, translatable
from leitstand.domain.event import Actor, Event
from leitstand.domain.workflow import Workflow
from leitstand.encoding import plain
from leitstand.runtime.submit import Submission, open_case
from leitstand.settings import Settings

RUNNER = Actor(kind="client", id="run")
LONGEST_CASE_SECONDS = 3_600.0
PROGRESS_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenCase:
    """A case of a file: where it stands, its input, and the pages that answer it when the file says so."""

    place: str
    input: dict[str, object]
    relevant: frozenset[str]
    expected: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What came of a case. ``refused`` says why it was not accepted; ``cited`` are the sources that its draft cites."""

    given: GivenCase
    case: Case | None
    refused: CallerError | None
    output: object
    cited: frozenset[str]
    events: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """All results in the order of the files, and the wall time in seconds."""

    workflow: Workflow
    results: tuple[Result, ...]
    seconds: float
    single: bool


async def run_files(settings: Settings, workflow: str, inputs: Sequence[str], *, in_flight: int, kept: bool) -> Results:
    """Run every case of the inputs through the workflow folder (or ``demo``)."""
    texts = [(name, _text_of(name)) for name in inputs]
    folder = demo.FOLDER if workflow == "demo" and not Path(workflow).is_dir() else Path(workflow)
    async with system_for(settings, kept=kept) as system:
        release = await system.add(folder, activate=True)
        given = [case for name, text in texts for case in read_cases(name, text, release.workflow)]
        began = time.monotonic()
        results = await run_all(system, release.workflow, given, in_flight)
    single = len(given) == 1 and not any(name.endswith(".jsonl") for name in inputs)
    return Results(workflow=release.workflow, results=results, seconds=time.monotonic() - began, single=single)


def read_cases(name: str, text: str, workflow: Workflow) -> Iterator[GivenCase]:
    """The cases in a text: one JSON object, or one a line. Raises ``RequestMalformed`` naming the line."""
    if not name.endswith(".jsonl") and (whole := _object(text)) is not None:
        yield _given(name, whole, workflow)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        value = _object(line)
        if value is None:
            raise RequestMalformed(
                detail=f"{name}:{number} is not a JSON object: {line[:60]!r}", expected="one object a line"
            )
        yield _given(f"{name}:{number}", value, workflow)


def _text_of(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise wrong_usage(translatable("There is no file {name}."), name=name) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RequestMalformed(detail=f"{name}: {error}", expected="a readable UTF-8 file") from None


def _object(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _given(place: str, value: dict[str, object], workflow: Workflow) -> GivenCase:
    relevant = value.get("relevant_docs")
    known = frozenset(str(name) for name in relevant) if isinstance(relevant, list) else frozenset()
    if isinstance(value.get("query"), str) and relevant is not None:
        return GivenCase(place=place, input=workflow.input.input_of(str(value["query"])), relevant=known)
    inner = value.get("input")
    expected = value.get("expected")
    return GivenCase(
        place=place,
        input=inner if isinstance(inner, dict) else value,
        relevant=known,
        expected=expected if isinstance(inner, dict) and isinstance(expected, dict) else {},
    )


@asynccontextmanager
async def system_for(settings: Settings, *, kept: bool) -> AsyncIterator[System]:
    """The database of the settings, or one for this run only; its indexes stay in the cache folder for the next."""
    if kept:
        async with assembled(settings, address="leitstand run") as system:
            yield system
        return
    with tempfile.TemporaryDirectory(prefix="leitstand-run-", ignore_cleanup_errors=True) as folder:
        alone = replace(settings, data=Path(folder), database_url="")
        async with assembled(alone, indexes=settings.cached_index_place) as system:
            yield system


async def run_all(system: System, workflow: Workflow, given: Sequence[GivenCase], in_flight: int) -> tuple[Result, ...]:
    """What came of each case, in their order; so many are under way at once."""
    room, done = asyncio.Semaphore(in_flight), 0

    async def one(case: GivenCase) -> Result:
        nonlocal done
        async with room:
            result = await _run_one(system, workflow, case)
            done += 1
            return result

    tasks = [asyncio.create_task(one(case)) for case in given]
    reporting = asyncio.create_task(_report_progress(lambda: done, len(given)))
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        reporting.cancel()


async def _report_progress(done: object, total: int) -> None:
    pause = 0.5 if interactive() else PROGRESS_SECONDS
    while total > 1:
        await asyncio.sleep(pause)
        count = done()  # type: ignore[operator]
        if interactive():
            click.echo(f"\r  {count}/{total}", err=True, nl=False)
        else:
            say(translatable("{done} of {total} cases"), done=count, total=total)


async def _run_one(system: System, workflow: Workflow, given: GivenCase) -> Result:
    submission = Submission(
        tenant_id=system.tenant_id, workflow=workflow.name, input=given.input, actor=RUNNER, channel="cli"
    )
    try:
        summary = await open_case(system.parts, system.worker, submission)
    except CallerError as error:
        return Result(given=given, case=None, refused=error, output=None, cited=frozenset(), events=())
    case_id = summary.case.case_id
    await system.worker.wait(case_id, LONGEST_CASE_SECONDS)
    ended = await system.parts.cases.summary(system.tenant_id, case_id)
    contents = await system.parts.cases.contents(system.tenant_id, case_id, ("draft", "passages"))
    events = await system.parts.cases.events(system.tenant_id, case_id)
    output = plain(contents["draft"]) if "draft" in contents else None
    cited = cited_sources(output, workflow.draft.text, plain(contents.get("passages", b"[]")))
    return Result(
        given=given, case=ended.case if ended else None, refused=None, output=output, cited=cited, events=events
    )


def cited_sources(output: object, field: str, passages: Sequence[dict[str, str]]) -> frozenset[str]:
    """The pages behind the numbers [n] in the text of the output; a page of a JSONL source is what follows ``#``."""
    text = str(output.get(field, "")) if isinstance(output, dict) and field else ""
    numbers = {number for mark in CITATION.findall(text) for number in numbers_of(mark)}
    return frozenset(
        passages[number - 1]["source"].rpartition("#")[2] for number in numbers if 0 < number <= len(passages)
    )
