"""What is done when something is wrong with a workflow? Its runbook as Markdown."""

from pathlib import Path

import click

from leitstand.cli.options import DATA
from leitstand.cli.stopping import do
from leitstand.settings import spoken_language


@click.command()
@click.argument("workflow")
@DATA
def runbook(workflow: str, data: Path | None) -> None:
    """Print the runbook of WORKFLOW: symptoms, what to check with the numbers of now, what to do, whom to call.

    It is made from the active release, the state of the running server, the last drill and the last `check --gold`,
    with the workflow's own runbook.md at its end.
    """
    click.echo(do(data, {"do": "runbook", "workflow": workflow, "language": spoken_language()})["text"], nl=False)
