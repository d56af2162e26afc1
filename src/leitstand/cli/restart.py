"""How do two people let something go on that was stopped?"""

from pathlib import Path

import click

from leitstand.cli.options import DATA
from leitstand.cli.output import say
from leitstand.cli.stopping import AS, do
from leitstand.cli.usage import wrong_usage
from leitstand.domain.errors import translatable


@click.command()
@click.argument("stop_id")
@click.option("--token", help="The token that the one who proposed the restart was given.")
@AS
@DATA
def restart(stop_id: str, token: str | None, name: str | None, data: Path | None) -> None:
    """Propose to end the stop STOP_ID and get a token, or confirm it, as another person, with that --token.

    The token counts once, for an hour, and not for the one who got it.
    """
    if not name:
        raise wrong_usage(translatable("A restart needs a name: --as NAME."))
    told = do(data, {"do": "restart", "stop": stop_id, "person": name, "token": token or ""})
    if token:
        say(translatable("restarted: {what}"), what=f"{told['scope']} {told['subject']}".strip())
        return
    say(translatable("proposed; another person confirms within an hour:"))
    say("  leitstand restart {stop_id} --as NAME --token {token}", **told)
    click.echo(told["token"])
