"""Which releases are there, and which one serves?"""

import asyncio
from pathlib import Path

import click

from leitstand.cli.options import DATA
from leitstand.cli.output import print_json, print_table, say
from leitstand.domain.errors import translatable


@click.group()
def release() -> None:
    """Add, list and activate releases. A running server does it, without a restart."""


@release.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--activate", "at_once", is_flag=True, help="Activate it as well.")
@DATA
def add(folder: Path, data: Path | None, *, at_once: bool) -> None:
    """Freeze the workflow in FOLDER into a release and store it."""
    made = _do({"do": "release.add", "folder": str(folder.resolve()), "activate": at_once}, data)
    say(translatable("stored: {workflow} {digest}"), **made)
    if at_once:
        say(translatable("active: {workflow} {digest}"), **made)
    else:
        say(translatable("next:  leitstand release activate {digest}"), digest=made["digest"][:12])
    click.echo(made["digest"])


@release.command(short_help="Let new cases use a release.")
@click.argument("digest")
@DATA
def activate(digest: str, data: Path | None) -> None:
    """Let new cases of its workflow use the release DIGEST (a unique beginning suffices); open cases keep theirs."""
    made = _do({"do": "release.activate", "digest": digest}, data)
    say(translatable("active: {workflow} {digest}"), **made)


@release.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
@DATA
def list_releases(data: Path | None, *, as_json: bool) -> None:
    """List the stored releases, newest first."""
    from leitstand.cli.reading import rows_of_releases
    from leitstand.settings import read_settings

    rows = asyncio.run(rows_of_releases(read_settings(data=data)))
    if as_json:
        print_json([{"digest": row.digest, "workflow": row.workflow, "active": row.active} for row in rows])
    else:
        print_table(
            (translatable("release"), translatable("workflow"), translatable("active")),
            [(row.digest[:12], row.workflow, "*" if row.active else "") for row in rows],
        )


def _do(command: dict[str, object], data: Path | None) -> dict[str, str]:
    from leitstand.cli.owner import do
    from leitstand.settings import read_settings

    return asyncio.run(do(read_settings(data=data), command))
