"""How do cases and their results get out, for a spreadsheet, a script or a warehouse?"""

import asyncio
from pathlib import Path
from typing import Any

import click

from leitstand.cli.options import DATA
from leitstand.cli.output import say
from leitstand.cli.usage import wrong_usage
from leitstand.domain.errors import translatable


@click.command()
@click.argument("table", type=click.Choice(["cases", "events"]), default="cases")
@click.option("--to", "-o", "--output", "path", default="-", help="File to write; stdout when left out.")
@click.option(
    "--format", "kind", type=click.Choice(["jsonl", "csv", "parquet"]), help="Format, where the name does not say it."
)
@click.option("--workflow", help="Only cases of this workflow.")
@click.option("--job", help="Only cases that `submit` opened under this name.")
@click.option("--since", metavar="TIME", help="Only cases accepted since then, RFC 3339 or a date; UTC without offset.")
@click.option("--until", metavar="TIME", help="Only cases accepted before then.")
@click.option(
    "--contents", "--content", is_flag=True, help="Input, draft and output of cases too: personal data may be in them."
)
@click.option(
    "--partition", type=click.Choice(["month"]), help="Write a folder with a file for each month of acceptance."
)
@DATA
def export(data: Path | None, **given: Any) -> None:
    """Write cases, or their events, as JSON lines, CSV or Parquet, newest case first, beside a running server.

    A file is there once it is complete. Costs are in nano-units of their currency; times are UTC, in JSON lines as
    microseconds.
    """
    from leitstand.cli.export_files import export_to, wanted_of
    from leitstand.settings import read_settings
    from leitstand.tables.reading import format_of

    path, kind, partition = given.pop("path"), given.pop("kind"), given.pop("partition")
    if partition and (path == "-" or not kind):
        raise wrong_usage(translatable("--partition writes a folder: name it with --to, and its --format."))
    kind = (kind or "jsonl") if path == "-" else format_of(path, kind)
    count = asyncio.run(export_to(read_settings(data=data), wanted_of(given), path, kind, by_month=bool(partition)))
    say(translatable("{count} cases written"), count=count)
