"""Which options do several commands share?"""

from pathlib import Path

import click

DATA = click.option("--data", type=click.Path(path_type=Path), help="Folder of the database. [LEITSTAND_DATA]")
HOST = click.option("--host", help="Address to listen on, loopback only. [LEITSTAND_HOST]")
PORT = click.option("--port", type=int, help="Port to listen on, 0 for a free one. [LEITSTAND_PORT]")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
