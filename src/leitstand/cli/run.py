"""What comes of one case, or of a file of cases, in a workflow?"""

import asyncio
from pathlib import Path
from typing import Any

import click

from leitstand.cli.options import DATA, JSON


@click.command()
@click.argument("workflow")
@click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    required=True,
    help="JSON file, JSONL file, or - for stdin; may be repeated.",
)
@click.option("--in-flight", type=click.IntRange(1, 256), default=4, show_default=True, help="Cases under way at once.")
@click.option("--trace", is_flag=True, help="Print the whole trail of a single case.")
@DATA
@JSON
@click.pass_context
def run(ctx: click.Context, /, workflow: str, inputs: tuple[str, ...], data: Path | None, **shown: Any) -> None:
    """Run cases through WORKFLOW: a workflow folder, or `demo`.

    One JSON object is one case: its steps, its cost and its output are printed. A JSONL file holds inputs, gold cases
    (`{"input": {...}, "relevant_docs": [...]}`) or retrieval queries (`{"query": "...", "relevant_docs": [...]}`): a
    table is printed. Cases are kept in the database when --data is given, else they are gone afterwards.
    """
    from leitstand.cli.run_cases import run_files
    from leitstand.cli.run_report import show
    from leitstand.settings import read_settings

    results = asyncio.run(
        run_files(read_settings(data=data), workflow, inputs, in_flight=shown["in_flight"], kept=data is not None)
    )
    ctx.exit(show(results, trace=shown["trace"], as_json=shown["as_json"]))
