"""Which statements does the PostgreSQL store send? Those of ``postgres_queries.sql``, each under its name."""

from leitstand.stores.queries import Positional, dollars, named

SQL: dict[str, Positional] = {name: dollars(text) for name, text in named("postgres_queries.sql").items()}
"""Name to statement with ``$1``, ``$2`` …, and what puts named values in that order."""
