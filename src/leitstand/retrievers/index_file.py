"""What does an index look like on disk? One immutable SQLite file: passages, words to search by, vectors."""

import hashlib
import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from uuid import uuid4

import numpy as np

from leitstand.domain.retrieval import Passage
from leitstand.retrievers.index_inputs import pages_of
from leitstand.retrievers.word_rows import parts_by_language, stems, word_rows
from leitstand.vectors import Vectors

LAYOUT = 1
"""Raised with every change of what an index file holds, or of how its words are made."""

_ABANDONED_SECONDS = 24 * 3600

_TABLES = """
    CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE passages (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT
        NULL, language TEXT NOT NULL, page INTEGER NOT NULL
    );
    CREATE TABLE parts (language TEXT, word TEXT, PRIMARY KEY (language, word)) WITHOUT ROWID;
    CREATE TABLE words (
        kind TEXT NOT NULL, language TEXT NOT NULL, stem TEXT NOT NULL, numbers BLOB NOT NULL, weights BLOB NOT NULL,
        UNIQUE (kind, language, stem)
    );
    CREATE TABLE vectors (dimensions INTEGER NOT NULL, numbers BLOB NOT NULL);
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """An index as read: passages by number, the page of each, compound parts per language, vectors or None."""

    id: str
    passages: tuple[Passage, ...]
    pages: tuple[int, ...]
    parts: Mapping[str, frozenset[str]]
    vectors: Vectors | None


def made_by() -> str:
    """What the words of a file depend on besides its inputs: its layout; behind the stroke stood the stemmer once."""
    return f"{LAYOUT}/"


def write(file: Path, index_id: str, passages: Sequence[Passage], vectors: Vectors | None) -> None:
    """Write the index beside its place and move it there at once, synced: it is there whole or not at all."""
    _clear_away(file.parent)
    unfinished = file.with_name(f"{file.stem}.{uuid4().hex}.unfinished")
    try:
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(_TABLES)
            connection.execute("BEGIN")
            _fill(connection, index_id, passages, vectors)
            connection.execute("COMMIT")
        _sync(unfinished)
        unfinished.replace(file)
        _sync(file.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def read(connection: sqlite3.Connection) -> Contents:
    """Everything but the words; raises ``ValueError`` for a file that is damaged or was made otherwise."""
    about = dict(connection.execute("SELECT key, value FROM about"))
    if about.get("made_by") != made_by() or connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise ValueError("damaged, or made by another version")
    rows = connection.execute("SELECT id, source, title, text, language, page FROM passages ORDER BY number").fetchall()
    numbers = connection.execute("SELECT dimensions, numbers FROM vectors").fetchone()
    blob = numbers[1] if numbers else b""
    if hashlib.sha256(blob).hexdigest() != about["vectors_sha256"] or len(rows) != int(about["passages"]):
        raise ValueError("damaged")
    connection.execute("PRAGMA shrink_memory")  # the pages just read are held as passages from here on
    parts: dict[str, set[str]] = {}
    for language, word in connection.execute("SELECT language, word FROM parts"):
        parts.setdefault(language, set()).add(word)
    return Contents(
        id=about["id"],
        passages=tuple(
            Passage(id=id_, source=intern(source), title=title, text=text, language=intern(language))
            for id_, source, title, text, language, _ in rows
        ),
        pages=tuple(row[5] for row in rows),
        parts={language: frozenset(found) for language, found in parts.items()},
        vectors=np.frombuffer(blob, dtype="<f4").reshape(len(rows), numbers[0]) if numbers else None,
    )


def _fill(connection: sqlite3.Connection, index_id: str, passages: Sequence[Passage], vectors: Vectors | None) -> None:
    pages = pages_of(passages)
    blob = b"" if vectors is None else np.ascontiguousarray(vectors, dtype="<f4").tobytes()
    about = {
        "id": index_id,
        "made_by": made_by(),
        "passages": str(len(passages)),
        "vectors_sha256": hashlib.sha256(blob).hexdigest(),
    }
    connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())
    connection.executemany(
        "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (number, passage.id, passage.source, passage.title, passage.text, passage.language, page)
            for number, (passage, page) in enumerate(zip(passages, pages, strict=True))
        ],
    )
    if vectors is not None:
        connection.execute("INSERT INTO vectors VALUES (?, ?)", (vectors.shape[1], blob))
    parts = parts_by_language(passages)
    rows = [(language, word) for language in sorted(parts) for word in sorted(parts[language])]
    connection.executemany("INSERT INTO parts VALUES (?, ?)", rows)
    connection.executemany(
        "INSERT INTO words VALUES (?, ?, ?, ?, ?)",
        (
            (found.kind, found.language, found.stem, found.numbers, found.weights)
            for found in word_rows(passages, pages, lambda texts, language: stems(texts, language, parts[language]))
        ),
    )


def _clear_away(folder: Path) -> None:
    """Delete what builds that were killed left behind; one under way is never that old, and may end meanwhile."""
    for left in folder.glob("*.unfinished"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                left.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
