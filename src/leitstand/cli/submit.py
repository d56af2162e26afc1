"""How do the rows of a file become cases of a workflow?"""

import asyncio
from pathlib import Path
from typing import Any

import click

from leitstand.cli.options import DATA, JSON
from leitstand.cli.output import say
from leitstand.domain.errors import translatable


@click.command()
@click.argument("workflow")
@click.option("--from", "path", required=True, help="JSONL, CSV or Parquet file, or - for stdin.")
@click.option(
    "--format", "kind", type=click.Choice(["jsonl", "csv", "parquet"]), help="Format, where the name does not say it."
)
@click.option("--job", help="Name under which each row counts once; made of the file when left out.")
@click.option("--id-column", help="Column that names a row; its number in the file when left out.")
@click.option(
    "--map", "mapping", multiple=True, metavar="COLUMN=FIELD", help="Field for a column; COLUMN= leaves it out."
)
@click.option("--rate", type=click.FloatRange(0.01, 1e6), help="Rows a second at most.")
@click.option(
    "--max-queued",
    type=click.IntRange(1, 10_000_000),
    default=10_000,
    show_default=True,
    help="Cases of the job that may wait for a worker; reading pauses beyond.",
)
@click.option(
    "--on-invalid",
    default="stop",
    show_default=True,
    metavar="stop|skip|FILE",
    help="Rows that cannot become cases: stop before the first is submitted, skip them, or write them to FILE.",
)
@click.option("--dry-run", is_flag=True, help="Check every row and submit none.")
@click.option("--wait", is_flag=True, help="Wait until every case of the job has ended or waits for a person.")
@DATA
@JSON
@click.pass_context
def submit(ctx: click.Context, /, workflow: str, data: Path | None, *, as_json: bool, **given: Any) -> None:
    """Submit the rows of a file to WORKFLOW, an active one, as cases that stand back behind all others.

    Each row becomes one case once: the same command goes on where it was, whatever ended it. A server that runs on
    the database takes the rows and works on them; without one, --wait works on them here. Exit code 2 when a row was
    refused, 13 when --wait saw a case fail.
    """
    from leitstand.cli.submit_order import order_of
    from leitstand.cli.submit_report import exit_code, show
    from leitstand.cli.submit_rows import submitted
    from leitstand.settings import read_settings

    settings = read_settings(data=data)
    order = order_of(workflow, settings.max_body_bytes, given)
    try:
        tally = asyncio.run(submitted(settings, order))
    except KeyboardInterrupt:
        say(translatable("Interrupted; the same command goes on where it was."))
        raise
    show(tally, as_json=as_json)
    ctx.exit(exit_code(tally))
