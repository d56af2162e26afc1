"""What do the commands that stop and restart have in common?"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from leitstand.cli.usage import wrong_usage
from leitstand.domain.errors import translatable

AS = click.option("--as", "name", help="Your name; whoever is named for the first time is added.")


def with_scopes(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what is meant."""
    options = (
        click.option("--case", help="One case, by id or number; it ends."),
        click.option("--workflow", help="All cases of a workflow."),
        click.option("--tenant", help="All cases of a tenant."),
        click.option("--all", "everything", is_flag=True, help="All cases of all tenants."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def asked_scope(scopes: dict[str, Any]) -> tuple[str, str] | None:
    """Scope and subject; None when none is named, a usage error for several."""
    given = [(name, str(value)) for name, value in scopes.items() if value]
    if len(given) > 1:
        raise wrong_usage(translatable("Name one of --case, --workflow, --tenant and --all."))
    if not given:
        return None
    name, value = given[0]
    return ("all", "") if name == "everything" else (name, value)


def do(data: Path | None, command: dict[str, object]) -> dict[str, Any]:
    """Let it be done by the server that owns the database, or here."""
    from leitstand.cli.owner import do as done
    from leitstand.settings import read_settings

    return asyncio.run(done(read_settings(data=data), command))
