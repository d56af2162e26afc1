"""Which statements does the SQLite store send? Those of ``sqlite_queries.sql``, each under its name."""

from leitstand.stores.queries import Positional, named, question_marks

SQL = named("sqlite_queries.sql")
"""Name to statement."""


def positional(name: str) -> Positional:
    """The named statement with a ``?`` for each name, which binds faster."""
    return question_marks(SQL[name])
