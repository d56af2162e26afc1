"""How is a drill reported: as JSON for programs, as JUnit XML for CI, as Markdown and as a page for people?"""

import html
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from leitstand.drill.play import Expectation, Outcome
from leitstand.drill.scenario import Expect
from leitstand.drill.suite import Proof


@dataclass(frozen=True, kw_only=True, slots=True)
class Drill:
    """What a whole drill came to; ``at`` is UTC in microseconds, ``release_digest`` that of the folder as it is."""

    workflow: str
    release_digest: str
    suite: str
    seed: int
    store: str
    at: int
    seconds: float
    outcomes: tuple[Outcome, ...]
    proofs: tuple[Proof, ...] = ()

    @property
    def verdict(self) -> str:
        """`error` when a fault was not delivered or the drill broke, else `failed` when something did not hold."""
        statuses = {outcome.status for outcome in self.outcomes}
        if "error" in statuses or any(proof.outcome.status == "error" for proof in self.proofs):
            return "error"
        return "failed" if "failed" in statuses or not all(proof.caught for proof in self.proofs) else "passed"


def as_json(drill: Drill) -> dict[str, Any]:
    """The drill as plain data."""
    return {
        "workflow": drill.workflow,
        "release_digest": drill.release_digest,
        "suite": drill.suite,
        "seed": drill.seed,
        "store": drill.store,
        "at": drill.at,
        "seconds": round(drill.seconds, 3),
        "verdict": drill.verdict,
        "scenarios": [_scenario(outcome) for outcome in drill.outcomes],
        "mutations": [_mutation(proof) for proof in drill.proofs],
    }


def _scenario(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.scenario.id,
        "title": title(outcome, "en"),
        "titles": dict(outcome.scenario.title),
        "fault": ", ".join(f"{fault.fault} at {fault.at}" for fault in outcome.faults),
        "faults": [{"at": fault.at, "fault": fault.fault, "delivered": fault.count} for fault in outcome.faults],
        "status": outcome.status,
        "why": outcome.why,
        "expectations": [
            {"text": in_words(each.expect), "measured": each.measured, "met": each.met} for each in outcome.expectations
        ],
        "seconds": round(outcome.seconds, 3),
        "example_case": outcome.example,
    }


def _mutation(proof: Proof) -> dict[str, Any]:
    return {
        "protection": proof.mutation.protection,
        "scenario": proof.mutation.scenario,
        "caught": proof.caught,
        "because": missed(proof.outcome),
    }


def title(outcome: Outcome, language: str) -> str:
    """The scenario's title in a language, else in any."""
    titles = outcome.scenario.title
    return titles.get(language) or next(iter(titles.values()))


def in_words(expect: Expect) -> str:
    """An expectation as it stands in the file, on one line."""
    of = f"({expect.of})" if expect.of else ""
    low = f"{expect.at_least:g} <= " if expect.at_least is not None else ""
    high = f" <= {expect.at_most:g}" if expect.at_most is not None else ""
    return f"{low}{expect.figure}{of}{high}"


def shown(measured: float | None) -> str:
    """A measured figure; what could not be measured says so."""
    return "unknown" if measured is None else f"{measured:.3g}" if measured % 1 else f"{measured:g}"


def missed(outcome: Outcome) -> str:
    """What did not hold, and what was measured instead; empty when everything held."""

    def one(each: Expectation) -> str:
        return f"{in_words(each.expect)}: {shown(each.measured)}"

    return "; ".join([*([outcome.why] if outcome.why else []), *(one(e) for e in outcome.expectations if not e.met)])


def as_junit(drill: Drill) -> str:
    """JUnit XML: a scenario or a mutation is a test case; undelivered faults are errors."""
    cases = [_case(outcome.scenario.id, outcome.status, missed(outcome), outcome) for outcome in drill.outcomes]
    for proof in drill.proofs:
        status = "passed" if proof.caught else "error" if proof.outcome.status == "error" else "failed"
        cases.append(_case(f"without {proof.mutation.protection}", status, missed(proof.outcome), proof.outcome))
    names = f'name={quoteattr(f"leitstand drill {drill.workflow}")} tests="{len(cases)}"'
    failures, errors = (sum(f"<{kind} " in case for case in cases) for kind in ("failure", "error"))
    counts = f'failures="{failures}" errors="{errors}"'
    inside = "\n".join(cases)
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}\n<testsuite {names} {counts} time="{drill.seconds:.3f}">\n{inside}\n</testsuite>\n'


def _case(name: str, status: str, why: str, outcome: Outcome) -> str:
    kind = {"failed": "failure", "error": "error"}.get(status)
    inside = f"<{kind} message={quoteattr(why or 'not noticed')}/>" if kind else ""
    attributes = f'classname="drill" name={quoteattr(name)} time="{outcome.seconds:.3f}"'
    text = f"<system-out>{escape(title(outcome, 'en'))}</system-out>"
    return f"  <testcase {attributes}>{inside}{text}</testcase>"


def as_markdown(drill: Drill) -> str:
    """A table of scenarios and one of mutations."""
    lines = [f"# Drill of {drill.workflow}: {drill.verdict}", "", summary(drill), ""]
    lines += _rows(("Id", "Scenario", "Delivered", "Result", "Seconds"), [_cells(each) for each in drill.outcomes])
    if drill.proofs:
        caught = sum(proof.caught for proof in drill.proofs)
        lines += ["", f"## Without one protection: {caught} of {len(drill.proofs)} noticed", ""]
        lines += _rows(("Protection", "Noticed by", "Because"), [_proof(proof) for proof in drill.proofs])
    return "\n".join(lines) + "\n"


def summary(drill: Drill) -> str:
    """One sentence with what was drilled, when, and how."""
    at = datetime.fromtimestamp(drill.at / 1e6, UTC).strftime("%Y-%m-%d %H:%M UTC")
    passed = sum(outcome.status == "passed" for outcome in drill.outcomes)
    where = f"release {drill.release_digest[:12]}, suite {drill.suite}, seed {drill.seed}, {drill.store}"
    return f"{passed} of {len(drill.outcomes)} scenarios passed in {drill.seconds:.0f} s on {at} ({where})."


def _cells(outcome: Outcome) -> tuple[str, ...]:
    delivered = ", ".join(f"{fault.fault} {fault.count}" for fault in outcome.faults)
    result = outcome.status if outcome.status == "passed" else f"{outcome.status}: {missed(outcome)}"
    return outcome.scenario.id, title(outcome, "en"), delivered, result, f"{outcome.seconds:.1f}"


def _proof(proof: Proof) -> tuple[str, ...]:
    noticed = proof.mutation.scenario if proof.caught else "nobody"
    return proof.mutation.protection, noticed, missed(proof.outcome)


def _rows(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in (heads, ("---",) * len(heads), *escaped)]


def as_page(drill: Drill) -> str:
    """A page that needs nothing but itself."""
    heads = ("Id", "Scenario", "Delivered", "Result", "Seconds")
    parts = [
        f"<h1>Drill of {html.escape(drill.workflow)}: {drill.verdict}</h1>",
        f"<p>{html.escape(summary(drill))}</p>",
        _table(heads, [_cells(outcome) for outcome in drill.outcomes]),
    ]
    if drill.proofs:
        lead = ("Protection", "Noticed by", "Because")
        parts += ["<h2>Without one protection</h2>", _table(lead, [_proof(proof) for proof in drill.proofs])]
    head = f'<meta charset="utf-8"><title>Drill of {html.escape(drill.workflow)}</title>{_STYLE}'
    return "\n".join(['<!doctype html>\n<html lang="en">', head, *parts, "</html>\n"])


_STYLE = """<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
:root { color-scheme: light dark }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .6rem; vertical-align: top; border-bottom: 1px solid #8884 }
</style>"""


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>\n" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"


FORMATS: Mapping[str, Callable[[Drill], str]] = {
    "drill.json": lambda drill: json.dumps(as_json(drill), ensure_ascii=False, indent=2) + "\n",
    "drill.xml": as_junit,
    "drill.md": as_markdown,
    "drill.html": as_page,
}
"""File name to what writes it."""


def write_reports(drill: Drill, folder: Path) -> None:
    """All four files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, write in FORMATS.items():
        (folder / name).write_text(write(drill), encoding="utf-8")
