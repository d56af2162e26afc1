"""Which releases are there, and which one serves?"""

import asyncio
from pathlib import Path

import click

from leitstand.cli.options import DATA, JSON
from leitstand.cli.output import print_json, say
from leitstand.domain.errors import translatable


@click.group()
def release() -> None:
    """Add, list, show and activate releases. A running server does it, without a restart."""


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
@JSON
@DATA
def list_releases(data: Path | None, *, as_json: bool) -> None:
    """List releases with their fallback rates.

    Newest first; the rate is the share of fallbacks among the answers of the last 30 days.
    """
    from leitstand.cli.reading import used_releases
    from leitstand.cli.release_told import print_releases, release_json
    from leitstand.settings import read_settings

    listed = asyncio.run(used_releases(read_settings(data=data)))
    if as_json:
        print_json([release_json(row, use) for row, use in listed])
    else:
        print_releases(listed)


@release.command()
@click.argument("digest")
@JSON
@DATA
def show(digest: str, data: Path | None, *, as_json: bool) -> None:
    """Show the levels of a release's chain.

    Beside its score on the gold cases stands each level's share of the answers of the last 30 days; below it, why the
    first was left.
    """
    from leitstand.cli.reading import measured_release
    from leitstand.cli.release_told import measured_json, print_measured
    from leitstand.settings import read_settings

    measured = asyncio.run(measured_release(read_settings(data=data), digest))
    if as_json:
        print_json(measured_json(measured))
    else:
        print_measured(measured)


def _do(command: dict[str, object], data: Path | None) -> dict[str, str]:
    from leitstand.cli.owner import do
    from leitstand.settings import read_settings

    return asyncio.run(do(read_settings(data=data), command))
