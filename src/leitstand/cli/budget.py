"""How much of each budget is spent?"""

import asyncio
from pathlib import Path

import click

from leitstand.cli.options import DATA, JSON
from leitstand.cli.output import print_json, text
from leitstand.domain.errors import translatable
from leitstand.domain.price import decimal

LINE = translatable("{what}: {spent} spent, {reserved} held back, of {limit} {currency} ({percent} %)")
UNPRICED = translatable("{n} calls of unknown price are not in it.")
OF_TENANT = translatable("all workflows")
GLYPHS = {"ok": "OK  ", "soft": "WARN", "hard": "STOP"}
COLOURS = {"ok": "green", "soft": "yellow", "hard": "red"}


@click.command()
@click.argument("workflow", required=False)
@click.option("--caller", default="", help="Also show what this caller (actor id) has left.")
@DATA
@JSON
def budget(workflow: str | None, caller: str, data: Path | None, *, as_json: bool) -> None:
    """Show what is spent and held back of each limit of this day and month, all active workflows or one.

    These are the numbers that the limits are held against.
    """
    from leitstand.cli.reading import limits_of
    from leitstand.settings import read_settings

    found = [
        {
            "workflow": each.workflow,
            "kind": each.kind,
            "account": each.account.name,
            "limit": decimal(each.limit.nanos),
            "spent": decimal(each.account.spent),
            "reserved": decimal(each.account.reserved),
            "currency": each.limit.currency,
            "percent": each.percent,
            "level": each.level,
            "unpriced": each.account.unpriced,
        }
        for each in asyncio.run(limits_of(read_settings(data=data), workflow, caller))
    ]
    if as_json:
        print_json(found)
        return
    for row in found:
        mark = click.style(GLYPHS[str(row["level"])], fg=COLOURS[str(row["level"])])
        what = f"{row['workflow'] or text(OF_TENANT)} / {row['kind']}"
        unknown = f" {text(UNPRICED, n=row['unpriced'])}" if row["unpriced"] else ""
        click.echo(f"{mark}  {text(LINE, what=what, **row)}{unknown}")
