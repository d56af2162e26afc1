"""Which vectors were computed before? So that a changed page embeds only its own passages anew."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np

from leitstand.domain.errors import IndexUnusable
from leitstand.ports import Embedder
from leitstand.vectors import Vectors

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
    ``IndexUnusable`` when it cannot be written.
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
    with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as connection:
        connection.execute(_SCHEMA)
        found = dict(_known(connection, embedder.id, keys))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        for fresh in _computed(missing, embedder):
            found.update(fresh)
            with connection:
                rows = [(embedder.id, key, vector) for key, vector in fresh.items()]
                connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
    return np.frombuffer(b"".join(found[key] for key in keys), dtype="<f4").reshape(len(keys), -1)


def _known(connection: sqlite3.Connection, embedder_id: str, keys: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for key in keys:
        row = connection.execute(
            "SELECT vector FROM vectors WHERE embedder = ? AND text = ?", (embedder_id, key)
        ).fetchone()
        if row:
            yield key, row[0]


def _computed(missing: Mapping[bytes, str], embedder: Embedder) -> Iterator[dict[bytes, bytes]]:
    """Vectors by key, batch after batch; texts of like length together, which suits engines that pad."""
    pending = sorted(missing, key=lambda key: len(missing[key]))
    batches = [pending[first : first + _BATCH] for first in range(0, len(pending), _BATCH)]
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1), thread_name_prefix="embed") as pool:
        made = pool.map(lambda keys: embedder.embed([missing[key] for key in keys], query=False), batches)
        for keys, vectors in zip(batches, made, strict=True):
            yield {key: vector.astype("<f4").tobytes() for key, vector in zip(keys, vectors, strict=True)}


def _unusable(file: Path, error: sqlite3.Error) -> IndexUnusable:
    return IndexUnusable(path=file, detail=str(error), way_out="Free space on its disk, or delete the file.")
