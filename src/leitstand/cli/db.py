"""Are the tables of the database as this Leitstand needs them?"""

import asyncio
from pathlib import Path

import click

from leitstand.cli.options import DATA, JSON
from leitstand.cli.output import print_json, say, text
from leitstand.domain.errors import translatable
from leitstand.ports import Schema

UNFIT = 15


@click.group()
def db() -> None:
    """Look after the tables of the database: SQLite in the data folder, or PostgreSQL at LEITSTAND_DATABASE_URL."""


@db.command()
@DATA
@JSON
@click.pass_context
def status(ctx: click.Context, data: Path | None, *, as_json: bool) -> None:
    """Show which schema the database has and which steps are missing. Exit code 15 when it must be upgraded."""
    found = asyncio.run(_schema(data).status())
    if as_json:
        print_json({"version": found.version, "newest": found.newest, "pending": found.pending})
    else:
        click.echo(text(translatable("schema {version}, newest {newest}"), version=found.version, newest=found.newest))
        for name in found.pending:
            click.echo(text(translatable("missing: {name}"), name=name))
    ctx.exit(UNFIT if found.pending and found.version else 0)


@db.command()
@DATA
def upgrade(data: Path | None) -> None:
    """Bring the schema forward, each step in a transaction of its own. A server on SQLite does it by itself."""
    before = asyncio.run(_schema(data).upgrade())
    if before.pending:
        say(translatable("schema {before} is now {newest}"), before=before.version, newest=before.newest)
    else:
        say(translatable("nothing to do: schema {version}"), version=before.version)


@db.command()
@DATA
@JSON
@click.pass_context
def check(ctx: click.Context, data: Path | None, *, as_json: bool) -> None:
    """Look at tables, indexes, keys, and each case beside its journal. Exit code 15 when something is wrong."""
    found = asyncio.run(_schema(data).check())
    if as_json:
        print_json([str(phrase) for phrase in found])
    for phrase in () if as_json else found:
        click.echo(text(phrase.template, **phrase.values))
    if not found:
        say(translatable("The database is as it should be."))
    ctx.exit(UNFIT if found else 0)


def _schema(data: Path | None) -> Schema:
    from leitstand.assembly import schema_of
    from leitstand.settings import read_settings

    return schema_of(read_settings(data=data))
