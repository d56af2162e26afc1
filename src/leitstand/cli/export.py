"""How do cases and their results get out, for a spreadsheet or a script?"""

import asyncio
import json
from pathlib import Path
from typing import TextIO

import click

from leitstand.cli.options import DATA
from leitstand.cli.output import say
from leitstand.domain.errors import translatable


@click.command()
@click.option("--workflow", help="Only cases of this workflow.")
@click.option(
    "-o",
    "--output",
    type=click.File("w", encoding="utf-8", lazy=True),
    default="-",
    help="File to write; stdout when left out.",
)
@click.option("--content", is_flag=True, help="Write input, draft and output as well: personal data may be in them.")
@DATA
def export(workflow: str | None, output: TextIO, data: Path | None, *, content: bool) -> None:
    """Write all cases as JSON lines, newest first; times in UTC microseconds, costs in nano-units."""
    from leitstand.cli.export_cases import exported
    from leitstand.settings import read_settings

    async def write() -> int:
        count = 0
        async for row in exported(read_settings(data=data), workflow, content=content):
            output.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
        return count

    say(translatable("{count} cases written"), count=asyncio.run(write()))
