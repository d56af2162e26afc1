"""Which statements does the SQLite store send? Those of ``sqlite_queries.sql``, each under its name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from operator import itemgetter

Values = Mapping[str, object]


def _named(text: str) -> dict[str, str]:
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)
    return {name: statement.strip() for name, statement in zip(parts[1::2], parts[2::2], strict=True)}


SQL = _named(resources.files(__package__).joinpath("sqlite_queries.sql").read_text("utf-8"))
"""Name to statement."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Positional:
    """A statement whose values stand in order, which binds faster; ``values`` puts named ones in that order."""

    text: str
    values: Callable[[Values], tuple[object, ...]]


def positional(name: str) -> Positional:
    """The named statement with a ``?`` for each ``:name``, as often as it appears."""
    order = re.findall(r":(\w+)", SQL[name])
    return Positional(text=re.sub(r":\w+", "?", SQL[name]), values=itemgetter(*order))
