"""What does an index look like in PostgreSQL? Rows of one schema, written in one transaction and never changed."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from leitstand.domain.retrieval import Passage
from leitstand.retrievers.index_inputs import page_vectors, pages_of
from leitstand.retrievers.postgres_session import SCHEMA, Session
from leitstand.retrievers.tokens import with_parts
from leitstand.retrievers.word_rows import parts_by_language, word_rows
from leitstand.vectors import Vectors

LAYOUT = 1
"""Raised with every change of the tables, or of how their words are made."""

CONFIGURATIONS = {"de": "german", "en": "english"}
"""Text search configurations by language; texts in others are cut into words and not stemmed."""

_SETTING_UP = 0x6C656974_73746E64
_TABLES = """
    CREATE SCHEMA IF NOT EXISTS leitstand_index;
    CREATE TABLE IF NOT EXISTS leitstand_index.indexes (
        number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE, made_by text NOT NULL,
        embedder text NOT NULL, passages integer NOT NULL, built_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE IF NOT EXISTS leitstand_index.passages (
        index integer NOT NULL REFERENCES leitstand_index.indexes ON DELETE CASCADE, number integer NOT NULL,
        passage json NOT NULL, PRIMARY KEY (index, number)
    );
    CREATE TABLE IF NOT EXISTS leitstand_index.words (
        index integer NOT NULL REFERENCES leitstand_index.indexes ON DELETE CASCADE, kind text NOT NULL,
        language text NOT NULL, lexeme text NOT NULL, numbers bytea NOT NULL, weights bytea NOT NULL,
        PRIMARY KEY (index, language, lexeme, kind)
    );
"""
_VECTORS = """
    CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TABLE IF NOT EXISTS leitstand_index.vectors (
        index integer NOT NULL REFERENCES leitstand_index.indexes ON DELETE CASCADE, kind text NOT NULL,
        number integer NOT NULL, vector vector NOT NULL, PRIMARY KEY (index, kind, number)
    ) WITH (toast_tuple_target = 8160);
"""
_LEXEMES = """
    SELECT asked.number, found.lexeme, coalesce(cardinality(found.positions), 1) AS times
    FROM unnest($2::text[]) WITH ORDINALITY AS asked (text, number),
        unnest(to_tsvector($1::text::regconfig, asked.text)) AS found
"""


def configuration(language: str) -> str:
    """The text search configuration of a language."""
    return CONFIGURATIONS.get(language, "simple")


def made_by(session: Session) -> str:
    """What the words of an index depend on besides its inputs: the layout, and the server's stemmers."""
    return f"{LAYOUT}/{session.fetch('SHOW server_version_num')[0][0][:2]}"


def is_there(session: Session, table: str = "indexes") -> bool:
    """Whether our tables were made."""
    return session.fetch("SELECT to_regclass($1) IS NOT NULL", f"{SCHEMA}.{table}")[0][0] is True


def set_up(session: Session, *, vectors: bool) -> None:
    """Make the tables that are missing; two processes take turns. Without vectors pgvector is not needed."""
    for table, statements in (("indexes", _TABLES), ("vectors", _VECTORS if vectors else "")):
        if statements and not is_there(session, table):
            with session.transaction():
                session.run("SELECT pg_advisory_xact_lock($1)", _SETTING_UP)
                session.run(statements)


def find(session: Session, index_id: str) -> tuple[Passage, ...] | None:
    """The passages of the index; None when it is not there, is damaged or was made otherwise."""
    if not is_there(session):
        return None
    found = session.fetch(
        "SELECT number, passages FROM leitstand_index.indexes WHERE id = $1 AND made_by = $2",
        index_id,
        made_by(session),
    )
    if not found:
        return None
    number, many = found[0]
    rows = session.fetch("SELECT passage FROM leitstand_index.passages WHERE index = $1 ORDER BY number", number)
    try:
        passages = tuple(Passage(**json.loads(row[0])) for row in rows)
    except TypeError:
        return None
    return passages if len(passages) == many else None


def write(session: Session, index_id: str, embedder: str, passages: Sequence[Passage], vectors: Vectors | None) -> None:
    """Write an index in place of one with the same id that cannot be used: it is there whole or not at all."""
    pages = pages_of(passages)
    parts = parts_by_language(passages)

    def lexemes(texts: Sequence[str], language: str) -> list[list[str]]:
        return _lexemes(session, [with_parts(storable(text), language, parts[language]) for text in texts], language)

    words = [
        (row.kind, row.language, row.stem, row.numbers, row.weights) for row in word_rows(passages, pages, lexemes)
    ]
    with session.transaction():
        session.run("DELETE FROM leitstand_index.indexes WHERE id = $1", index_id)
        index = session.fetch(
            "INSERT INTO leitstand_index.indexes (id, made_by, embedder, passages) VALUES ($1, $2, $3, $4) "
            "RETURNING number",
            index_id,
            made_by(session),
            embedder,
            len(passages),
        )[0][0]
        texts = [json.dumps(asdict(passage), ensure_ascii=False) for passage in passages]
        session.copy("passages", [(index, number, text) for number, text in enumerate(texts)])
        session.copy("words", [(index, *word) for word in words])
        for kind, rows in (("passages", vectors), ("pages", page_vectors(vectors, pages))):
            if vectors is not None and rows is not None:
                _write_vectors(session, index, kind, rows)
        session.run("ANALYZE leitstand_index.words")  # else the planner takes a new index for an empty one


def storable(text: str) -> str:
    """The text without what PostgreSQL's type ``text`` has no room for."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def as_text(vector: Sequence[float]) -> str:
    """A vector as pgvector reads it, exact."""
    return f"[{','.join(map(repr, vector))}]"


def _lexemes(session: Session, texts: Sequence[str], language: str) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in texts]
    for number, lexeme, times in session.fetch(_LEXEMES, configuration(language), texts):
        found[number - 1].extend([lexeme] * times)
    return found


def _write_vectors(session: Session, index: int, kind: str, vectors: Vectors) -> None:
    texts = [as_text(vector) for vector in vectors.tolist()]
    session.run(
        "INSERT INTO leitstand_index.vectors SELECT $1, $2, given.number - 1, given.vector::vector "
        "FROM unnest($3::text[]) WITH ORDINALITY AS given (vector, number)",
        index,
        kind,
        texts,
    )
