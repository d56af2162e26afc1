"""What is wrong with a workflow folder? Everything at once."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leitstand.cli.options import DATA
from leitstand.cli.output import print_json, say, show_problem, text
from leitstand.domain.errors import translatable

if TYPE_CHECKING:
    from leitstand.domain.workflow import Workflow
    from leitstand.domain.zone import ZonePolicy


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--json", "as_json", is_flag=True, help="Print the problems, or the levels, as JSON on stdout.")
@click.option("--gold", is_flag=True, help="Run every level of the chain over the gold cases, and keep the result.")
@DATA
@click.pass_context
def check(ctx: click.Context, folder: Path, data: Path | None, *, as_json: bool, gold: bool) -> None:
    """Show everything that is wrong with the workflow in FOLDER (default: this one).

    With --gold each level of the chain answers the gold cases alone: how many pass, how quickly, for how much. The
    models are really asked. Each problem names file, line, the bad value and the repair. Exit code 3 when there is one.
    """
    from leitstand.assembly import read_folder
    from leitstand.definition.zone_file import read_zones
    from leitstand.drill.reading import read_own
    from leitstand.settings import read_settings

    zones = read_zones(read_settings().zones)
    result = read_folder(folder, zones)
    problems = result.problems + read_own(folder)[1]
    if gold and not problems:
        _levels(folder, data, as_json=as_json)
        return
    if as_json:
        print_json([{**asdict(problem), "text": problem.text()} for problem in problems])
    else:
        for problem in problems:
            show_problem(problem)
    if problems:
        say(translatable("{count} problem(s) in {folder}"), count=len(problems), folder=folder)
        ctx.exit(3)
    if not as_json and result.workflow:
        say(translatable("{folder} is fine. Next: leitstand run {folder} -i CASE.json"), folder=folder)
        show_routes(result.workflow, zones)


def show_routes(workflow: "Workflow", zones: "ZonePolicy") -> None:
    """Say of each way out of the workflow where it leads."""
    from leitstand.domain.route import routes

    for way in routes(workflow, zones):
        local = translatable("stays in this process")
        origin = way.origin or text(local if way.zone == "local" else translatable("the provider's own address"))
        say(
            translatable("{data_class} data: {use} -> {origin}, {zone}"),
            data_class=workflow.data_class,
            use=way.use,
            origin=origin,
            zone=way.zone,
        )


def _levels(folder: Path, data: Path | None, *, as_json: bool) -> None:
    from leitstand.cli.gold_levels import gold_levels, print_levels
    from leitstand.cli.owner import do
    from leitstand.settings import read_settings

    settings = read_settings(data=data)
    report = asyncio.run(gold_levels(settings, folder))
    body = json.loads(report.body)
    asyncio.run(do(settings, {"do": "report.add", **asdict(report), "body": report.body.decode()}))
    if as_json:
        print_json({"release": report.release_digest, **body})
    else:
        print_levels(report)
