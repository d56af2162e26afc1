"""Which statements does the SQLite store send? Those of ``sqlite_queries.sql``, each under its name."""

import re
from importlib import resources


def _named(text: str) -> dict[str, str]:
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)
    return {name: statement.strip() for name, statement in zip(parts[1::2], parts[2::2], strict=True)}


SQL = _named(resources.files(__package__).joinpath("sqlite_queries.sql").read_text("utf-8"))
"""Name to statement."""
