"""How good is each level of the chain alone? Over the workflow's gold cases, in a database of its own."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from leitstand.assembly import OPERATOR, System, now
from leitstand.cli.output import amount, print_table, text
from leitstand.cli.run_cases import GivenCase, Result, read_cases, run_all, system_for
from leitstand.domain.case import Status
from leitstand.domain.errors import translatable
from leitstand.domain.evaluation import Level, Outcome, fulfils, level_of
from leitstand.domain.event import CaseChecked
from leitstand.domain.guardrail import Verdict
from leitstand.domain.release import Release
from leitstand.domain.report import Report
from leitstand.runtime.gold import levels_of
from leitstand.settings import Settings

IN_FLIGHT = 4

HEADS = (
    translatable("level"),
    "n",
    translatable("pass"),
    translatable("95 % interval"),
    translatable("p50 ms"),
    translatable("cost per case"),
)


async def gold_levels(settings: Settings, folder: Path) -> Report:
    """Run every level over the gold cases of the folder; what came of it, bound to the release that the folder is."""
    async with system_for(settings, kept=False) as system:
        release = await system.add(folder, activate=False)
        given = [case for name, lines in _files(release) for case in read_cases(name, lines, release.workflow)]
        levels = [await _level(system, release, place, given) for place in range(len(release.workflow.draft.chain))]
    return Report(
        tenant_id=settings.tenant_id,
        workflow=release.workflow.name,
        release_digest=release.digest,
        kind="gold",
        at=now(),
        body=msgspec.json.encode({"levels": levels, "cases": len(given)}),
    )


def _files(release: Release) -> list[tuple[str, str]]:
    found = {path: content for path, content in release.files.items() if path.startswith("gold/")}
    return [(path, content.decode("utf-8-sig")) for path, content in sorted(found.items()) if path.endswith(".jsonl")]


async def _level(system: System, release: Release, place: int, given: Sequence[GivenCase]) -> Level:
    """One target alone, as a release of its own that nobody else sees."""
    target = release.workflow.draft.chain[place]
    alone = replace(release.workflow, draft=replace(release.workflow.draft, chain=(target,)))
    digest = hashlib.sha256(f"{release.digest} {place}".encode()).hexdigest()
    level = replace(release, digest=digest, workflow=alone)
    await system.parts.releases.add(level, tenant_id=system.tenant_id, actor_id=OPERATOR, at=now())
    await system.activate(level.digest)
    results = await run_all(system, alone, given, IN_FLIGHT)
    return level_of(place, (target.provider, target.model), [_outcome(result) for result in results])


def _outcome(result: Result) -> Outcome:
    """A case passes with a draft from which no check kept anything back, and which is what was expected."""
    case = result.case
    output = result.output if isinstance(result.output, dict) else None
    cites = not result.given.relevant or bool(result.cited & result.given.relevant)
    checks = [event.body.verdicts for event in result.events if isinstance(event.body, CaseChecked)]
    clean = all(given.verdict is Verdict.PASSED for verdicts in checks for given in verdicts)
    drafted = case is not None and case.drafted and case.status is not Status.FAILED
    passed = drafted and clean and output is not None and cites and fulfils(result.given.expected, output)
    took = case.answered_at - case.accepted_at if case and case.answered_at is not None else None
    cost, currency = (case.cost, case.currency) if case else (None, "")
    return Outcome(passed=passed, took=took, cost=cost, currency=currency)


def print_levels(report: Report) -> None:
    """The levels as a table; what is not known says so."""
    print_table(HEADS, [_row(level) for level in levels_of(report)])


def _row(level: Level) -> tuple[str, ...]:
    unknown = text(translatable("unknown"))
    name = f"{level.place + 1} {level.provider} {level.model}".rstrip()
    if level.interval is None:
        return (name, "0", unknown, "", unknown, unknown)
    low, high = level.interval
    return (
        name,
        str(level.n),
        f"{100 * level.passed / level.n:.1f} %",
        f"{100 * low:.1f} - {100 * high:.1f}",
        unknown if level.took_p50 is None else f"{level.took_p50 / 1000:.1f}",
        amount(level.cost_per_case, level.currency),
    )
