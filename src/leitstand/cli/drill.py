"""Does a workflow hold what it promises when everything around it breaks?"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leitstand.cli.options import DATA, JSON
from leitstand.cli.output import print_json, print_table, say, text
from leitstand.domain.errors import translatable

if TYPE_CHECKING:
    from leitstand.drill.play import Outcome
    from leitstand.drill.report import Drill

EXIT_CODES = {"passed": 0, "failed": 10, "error": 15}


@click.command()
@click.argument("workflow")
@click.option("--suite", default="core", show_default=True, help="`core`, `all`, or ids with commas between them.")
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed draws the same faults.")
@click.option(
    "--store",
    type=click.Choice(["sqlite", "postgres"]),
    default="sqlite",
    show_default=True,
    help="Database of the drill, thrown away.",
)
@click.option("--mutations", is_flag=True, help="Prove it: leave out one protection after another.")
@click.option("--report", type=click.Path(path_type=Path), help="Write JSON, JUnit XML, Markdown and a page here.")
@DATA
@JSON
@click.pass_context
def drill(ctx: click.Context, /, workflow: str, data: Path | None, report: Path | None, **chosen: Any) -> None:
    """Drill WORKFLOW: a workflow folder, or `demo`.

    Its models, its receiver and its database are replaced by ones of the drill; faults strike there and inside, and
    figures of what happened are held against their bounds. Offline; nothing of the real database is touched. `postgres`
    starts a cluster of its own and throws it away. The folder `drills/` of a workflow may hold scenarios of its own.

    Exit code 10 when something did not hold, 15 when a fault was not delivered or the drill itself broke.
    """
    from leitstand import demo
    from leitstand.cli.drill_report import keep
    from leitstand.drill.command import Plan
    from leitstand.drill.command import drill as run_drill
    from leitstand.drill.report import as_json, write_reports
    from leitstand.settings import read_settings

    settings, as_data = read_settings(data=data), chosen.pop("as_json")
    folder = demo.FOLDER if workflow == "demo" and not Path(workflow).is_dir() else Path(workflow)
    done = asyncio.run(run_drill(Plan(folder=folder, **chosen), settings, _seen))
    if report:
        write_reports(done, report)
    asyncio.run(keep(done, settings))
    if as_data:
        print_json(as_json(done))
    else:
        _show(done)
    ctx.exit(EXIT_CODES[done.verdict])


def _seen(outcome: "Outcome") -> None:
    click.echo(f"  {outcome.scenario.id} {outcome.status} {outcome.seconds:.1f} s", err=True)


def _show(done: "Drill") -> None:
    from leitstand.drill.report import missed, title
    from leitstand.settings import spoken_language

    language = spoken_language()
    print_table(
        (translatable("scenario"), translatable("result"), translatable("faults"), translatable("what holds")),
        [
            (
                outcome.scenario.id,
                text(RESULTS[outcome.status]),
                sum(fault.count for fault in outcome.faults),
                missed(outcome) or title(outcome, language),
            )
            for outcome in done.outcomes
        ],
    )
    if done.proofs:
        _show_proofs(done)
    passed = sum(outcome.status == "passed" for outcome in done.outcomes)
    say(
        translatable("{passed} of {count} scenarios passed in {seconds} s"),
        passed=passed,
        count=len(done.outcomes),
        seconds=round(done.seconds),
    )


def _show_proofs(done: "Drill") -> None:
    from leitstand.drill.report import missed

    click.echo()
    print_table(
        (translatable("without"), translatable("noticed by"), translatable("because")),
        [
            (
                text(proof.mutation.protection),
                proof.mutation.scenario if proof.caught else text(translatable("nobody")),
                missed(proof.outcome),
            )
            for proof in done.proofs
        ],
    )
    caught = sum(proof.caught for proof in done.proofs)
    percent = 100 * caught // len(done.proofs)
    say(
        translatable("{caught} of {count} missing protections noticed: {percent} %"),
        caught=caught,
        count=len(done.proofs),
        percent=percent,
    )


RESULTS = {
    "passed": translatable("passed"),
    "failed": translatable("failed"),
    "error": translatable("not drilled"),
}
