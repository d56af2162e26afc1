"""How does a process work on cases without serving anybody?"""

from pathlib import Path

import click

from leitstand.cli.options import DATA
from leitstand.cli.output import say
from leitstand.domain.errors import translatable


@click.command()
@DATA
def work(data: Path | None) -> None:
    """Work on the cases that other processes accept, and serve nothing but health and metrics.

    LEITSTAND_PROBES_PORT opens those. SIGTERM lets running cases come to their end for LEITSTAND_DRAIN_SECONDS; the
    others are handed back.
    """
    from leitstand.cli.server import Role, Running, run_server
    from leitstand.logs import begin_logging
    from leitstand.settings import read_settings

    settings = read_settings(data=data)
    begin_logging(settings.log_level, settings.log_format)

    async def begin(server: Running) -> None:
        await server.open()
        say(translatable("Leitstand works on the cases of {data}"), data=settings.place)

    run_server(settings, begin, role=Role(answers=False))
