"""How is something stopped at once, from the command line?"""

import asyncio
from pathlib import Path

import click

from leitstand.cli.options import DATA, JSON
from leitstand.cli.output import print_json, print_table, say
from leitstand.cli.stopping import AS, asked_scope, do, with_scopes
from leitstand.cli.usage import wrong_usage
from leitstand.domain.errors import translatable


@click.command()
@with_scopes
@click.option("--reason", help="Why; kept with your name, so name no customer in it.")
@AS
@DATA
@JSON
def stop(reason: str | None, name: str | None, data: Path | None, *, as_json: bool, **scopes: object) -> None:
    """Stop all model calls, tool calls and deliveries of a case, a workflow, a tenant, or all, within seconds.

    A stopped case ends. Cases of a stopped workflow stay where they are and go on after `leitstand restart`; new ones
    are accepted and wait. Without a scope, list what is stopped.
    """
    scope = asked_scope(scopes)
    if scope is None:
        _list(data, as_json=as_json)
        return
    if not reason or not name:
        raise wrong_usage(translatable("A stop needs a --reason and a name: --reason TEXT --as NAME."))
    made = do(data, {"do": "stop", "scope": scope[0], "subject": scope[1], "reason": reason, "person": name})
    if as_json:
        print_json(made)
        return
    say(translatable("stopped: {what} ({reason})"), what=_what(made), reason=made["reason"])
    if made["scope"] != "case":
        say(translatable("to go on, two people:  leitstand restart {stop_id} --as NAME"), stop_id=made["stop_id"])
    click.echo(made["stop_id"])


def _list(data: Path | None, *, as_json: bool) -> None:
    from leitstand.cli.reading import stops_in_force
    from leitstand.settings import read_settings

    rows = asyncio.run(stops_in_force(read_settings(data=data)))
    if as_json:
        print_json(rows)
        return
    columns = ("stop_id", "scope", "subject", "by", "since", "reason")
    print_table(COLUMNS, [[str(row[name]) for name in columns] for row in rows])


COLUMNS = (
    translatable("stop"),
    translatable("scope"),
    translatable("of"),
    translatable("by"),
    translatable("since"),
    translatable("reason"),
)


def _what(made: dict[str, str]) -> str:
    return f"{made['scope']} {made['subject']}".strip()
