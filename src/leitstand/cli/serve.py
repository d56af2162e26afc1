"""How is a server started, and how does it stop?"""

from pathlib import Path

import click

from leitstand.cli.options import DATA, HOST, PORT
from leitstand.cli.output import say
from leitstand.domain.errors import translatable


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
@DATA
@HOST
@PORT
@click.option("--no-work", is_flag=True, help="Accept cases and leave them to other processes.")
def serve(folders: tuple[Path, ...], data: Path | None, host: str | None, port: int | None, *, no_work: bool) -> None:
    """Serve the API and the pages, and work on the cases.

    FOLDERS are added and activated first, for development; in production `leitstand release` does that.
    """
    from leitstand.cli.server import Role, Running, run_server
    from leitstand.logs import begin_logging
    from leitstand.settings import read_settings

    settings = read_settings(data=data, host=host, port=port)
    begin_logging(settings.log_level, settings.log_format)

    async def begin(server: Running) -> None:
        for folder in folders:
            release = await server.system.add(folder, activate=True)
            say(translatable("active: {workflow} {digest}"), workflow=release.workflow.name, digest=release.digest[:12])
        await server.open()
        say(translatable("Leitstand serves {address} from {data}"), address=server.address, data=settings.place)

    run_server(settings, begin, role=Role(works=not no_work))
