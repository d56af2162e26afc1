"""What is wrong with a workflow folder? Everything at once."""

from dataclasses import asdict
from pathlib import Path

import click

from leitstand.cli.output import print_json, say, show_problem
from leitstand.domain.errors import translatable


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON on stdout.")
@click.pass_context
def check(ctx: click.Context, folder: Path, *, as_json: bool) -> None:
    """Show everything that is wrong with the workflow in FOLDER (default: this one).

    Each problem names file, line, the bad value and the repair. Exit code 3 when there is one.
    """
    from leitstand.assembly import read_folder
    from leitstand.drill.reading import read_own

    problems = read_folder(folder).problems + read_own(folder)[1]
    if as_json:
        print_json([{**asdict(problem), "text": problem.text()} for problem in problems])
    else:
        for problem in problems:
            show_problem(problem)
    if problems:
        say(translatable("{count} problem(s) in {folder}"), count=len(problems), folder=folder)
        ctx.exit(3)
    if not as_json:
        say(translatable("{folder} is fine. Next: leitstand run {folder} -i CASE.json"), folder=folder)
