"""Is this machine fit to run Leitstand?"""

import asyncio
from pathlib import Path

import click

from leitstand.cli.options import DATA, JSON
from leitstand.cli.output import print_json, text

STOPPED = 15
GLYPHS = {"ok": "OK  ", "warn": "WARN", "stop": "STOP"}
COLOURS = {"ok": "green", "warn": "yellow", "stop": "red"}


@click.command()
@DATA
@JSON
@click.pass_context
def doctor(ctx: click.Context, data: Path | None, *, as_json: bool) -> None:
    """Check Python, disk, clock, permissions, database, extensions and the providers of the active workflows.

    Exit code 15 when something keeps Leitstand from running.
    """
    from leitstand.cli.symptoms import examine
    from leitstand.settings import read_settings

    symptoms = asyncio.run(examine(read_settings(data=data)))
    if as_json:
        print_json([{"level": found.level, "what": found.what, "text": found.text()} for found in symptoms])
    else:
        for found in symptoms:
            values = dict(found.values)
            mark = click.style(GLYPHS[found.level], fg=COLOURS[found.level])
            click.echo(
                f"{mark}  {found.what:<11} {text(found.message, **values)} {text(found.repair, **values)}".rstrip()
            )
    ctx.exit(STOPPED if any(found.level == "stop" for found in symptoms) else 0)
