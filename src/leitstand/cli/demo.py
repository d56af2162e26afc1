"""How does a newcomer see Leitstand at work, without a key and without a network?"""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, cast

import click

from leitstand.cli.options import HOST, PORT
from leitstand.cli.output import say
from leitstand.domain.errors import translatable


@click.command()
@HOST
@PORT
@click.option(
    "--data", type=click.Path(path_type=Path), help="Keep the demo's database here; gone afterwards when left out."
)
@click.option(
    "--provider", "base_url", help="Address of an OpenAI-compatible API, up to /v1; quotes only when left out."
)
@click.option("--model", default="", help="Model name at that provider.")
@click.option("--api-key-env", default="", help="Environment variable that holds its key.")
@click.option("--local", is_flag=True, help="Use the small model of the extra leitstand[local], on this machine.")
def demo(host: str | None, port: int | None, data: Path | None, **chosen: Any) -> None:
    """Start Leitstand with the demo workflow: help questions in German and English, answered from 512 help pages.

    Sixty real questions are run at the start, so that inbox and control room are not empty.
    """
    from leitstand import plugins
    from leitstand.cli.demo_cases import begin_demo, with_model
    from leitstand.cli.server import run_server
    from leitstand.demo import FOLDER
    from leitstand.logs import begin_logging
    from leitstand.settings import read_settings

    with ExitStack() as stack:
        kept = data or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="leitstand-demo-", ignore_cleanup_errors=True))
        )
        settings = read_settings(data=kept, database_url="", host=host, port=port)
        begin_logging(settings.log_level, settings.log_format)
        base_url, model = chosen["base_url"], chosen["model"]
        if chosen["local"]:
            serving = cast("Callable[[], AbstractContextManager[Any]]", plugins.find("local_models", "smollm2"))
            server = stack.enter_context(serving())
            base_url, model = server.base_url, server.model
        folder = with_model(FOLDER, kept, base_url, model, chosen["api_key_env"]) if base_url else FOLDER
        say(translatable("Preparing the demo: 512 help pages are indexed, which takes some seconds the first time ..."))
        run_server(settings, lambda running: begin_demo(running, folder), indexes=settings.cached_index_place)
