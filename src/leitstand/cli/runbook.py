"""What is done when something is wrong with a workflow? Its runbook as Markdown, or as a page."""

from pathlib import Path
from typing import TextIO

import click

from leitstand.cli.options import DATA
from leitstand.cli.stopping import do
from leitstand.settings import spoken_language


@click.command()
@click.argument("workflow")
@click.option("--html", type=click.File("w", "utf-8"), help="Write it into this file, as a page of its own.")
@DATA
def runbook(workflow: str, data: Path | None, html: TextIO | None) -> None:
    """Print the runbook of WORKFLOW: symptoms, what to check with the numbers of now, what to do, whom to call.

    It is made from the active release, the state of the running server, the last drill and the last `check --gold`,
    with the workflow's own runbook.md at its end.
    """
    form = "html" if html else "markdown"
    asked: dict[str, object] = {"do": "runbook", "workflow": workflow, "language": spoken_language(), "form": form}
    click.echo(do(data, asked)["text"], html, nl=False)
