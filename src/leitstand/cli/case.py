"""What happened to a case, and which cases are there?"""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import click

from leitstand.cli.options import DATA, JSON
from leitstand.cli.output import amount, print_json, print_table, text
from leitstand.domain.case import CaseSummary, Status
from leitstand.domain.errors import translatable


@click.group()
def case() -> None:
    """Show a case with its trail, or list cases; works beside a running server."""


@case.command(short_help="Show one case by its id or number.")
@click.argument("case_id")
@click.option("--content", is_flag=True, help="Print input, passages, draft and output as well.")
@DATA
@JSON
def show(case_id: str, data: Path | None, *, content: bool, as_json: bool) -> None:
    """Show the case CASE_ID (its id or its number): every event, and with --content what it is about."""
    from leitstand.cli.reading import whole_case
    from leitstand.cli.trail import print_trail
    from leitstand.settings import read_settings

    summary, events, contents = asyncio.run(whole_case(read_settings(data=data), case_id))
    if as_json:
        from leitstand.encoding import encode_event

        journal = [json.loads(encode_event(event)) for event in events]
        print_json({"case": row(summary), "events": journal, **({"contents": contents} if content else {})})
        return
    for name, value in row(summary).items():
        click.echo(f"{text(name):<14} {value}".rstrip())
    click.echo()
    print_trail(events, details=False)
    if content:
        print_json(contents)


@case.command("list")
@click.option("--workflow", help="Only cases of this workflow.")
@click.option(
    "--status",
    multiple=True,
    type=click.Choice([status.value for status in Status]),
    help="Only these; may be repeated.",
)
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many at most.")
@DATA
@JSON
def list_cases(workflow: str | None, status: tuple[str, ...], limit: int, data: Path | None, *, as_json: bool) -> None:
    """List the newest cases."""
    from leitstand.cli.reading import find_cases
    from leitstand.ports import CaseFilter
    from leitstand.settings import read_settings

    wanted = CaseFilter(workflow=workflow, status=status, limit=limit)
    rows = [row(summary) for summary in asyncio.run(find_cases(read_settings(data=data), wanted))]
    if as_json:
        print_json(rows)
    else:
        print_table(tuple(COLUMNS), [tuple(found.values()) for found in rows])


COLUMNS = (
    translatable("number"),
    translatable("case"),
    translatable("workflow"),
    translatable("status"),
    translatable("language"),
    translatable("accepted"),
    translatable("milliseconds"),
    translatable("cost"),
    translatable("reasons"),
)


def row(summary: CaseSummary) -> dict[str, object]:
    """A case as one row; names as in ``COLUMNS``."""
    found = summary.case
    accepted = datetime.fromtimestamp(found.accepted_at / 1e6, UTC).isoformat(timespec="milliseconds")
    took = "-" if found.answered_at is None else f"{(found.answered_at - found.accepted_at) / 1000:.1f}"
    reasons = ", ".join(found.reasons)
    cells = (summary.number, found.case_id, found.workflow, found.status.value, found.language, accepted, took)
    return dict(zip(COLUMNS, (*cells, amount(found.cost, found.currency), reasons), strict=True))
