"""Which vectors were computed before? So that a changed page embeds only its own passages anew."""

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from leitstand.domain.errors import StoreUnusable
from leitstand.ports import Embedder, Vectors

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS vectors (
        embedder TEXT, text BLOB, vector BLOB, PRIMARY KEY (embedder, text)
    ) WITHOUT ROWID
"""
_BATCH = 64
_BUSY_SECONDS = 30.0


def embedded(file: Path, texts: Sequence[str], embedder: Embedder) -> Vectors:
    """Vectors of passages, shape (texts, dimensions): from the cache where it knows them, else from the embedder.

    ``file`` holds them by embedder id and SHA-256 of the text. It is only a cache: a broken one is made anew. Raises
    ``StoreUnusable`` when it cannot be written.
    """
    try:
        return _embedded(file, texts, embedder)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise _unusable(file, error) from error
        file.unlink(missing_ok=True)
    try:
        return _embedded(file, texts, embedder)
    except sqlite3.DatabaseError as error:
        raise _unusable(file, error) from error


def _embedded(file: Path, texts: Sequence[str], embedder: Embedder) -> Vectors:
    keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
    missing = dict(zip(keys, texts, strict=True))
    found: dict[bytes, bytes] = {}
    with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as connection:
        connection.execute(_SCHEMA)
        for key in list(missing):
            row = connection.execute(
                "SELECT vector FROM vectors WHERE embedder = ? AND text = ?", (embedder.id, key)
            ).fetchone()
            if row:
                found[key] = row[0]
                del missing[key]
        pending = sorted(missing.items(), key=lambda item: len(item[1]))
        for first in range(0, len(pending), _BATCH):
            batch = pending[first : first + _BATCH]
            vectors = embedder.embed([text for _, text in batch], query=False)
            fresh = {key: vector.astype("<f4").tobytes() for (key, _), vector in zip(batch, vectors, strict=True)}
            found.update(fresh)
            with connection:
                connection.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                    [(embedder.id, key, vector) for key, vector in fresh.items()],
                )
    return np.frombuffer(b"".join(found[key] for key in keys), dtype="<f4").reshape(len(keys), -1)


def _unusable(file: Path, error: sqlite3.Error) -> StoreUnusable:
    return StoreUnusable(path=file, detail=str(error), way_out="Free space on its disk, or delete the file.")
