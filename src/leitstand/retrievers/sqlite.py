"""How are passages indexed and searched in SQLite? Each index is one immutable file in a folder."""

import hashlib
import json
import sqlite3
from pathlib import Path

from leitstand.domain.errors import IndexUnusable
from leitstand.domain.retrieval import Passage
from leitstand.ports import Embedder
from leitstand.retrievers.index_file import LAYOUT, PAGE_CHARS, read, searchable, write
from leitstand.retrievers.search import SqliteRetriever
from leitstand.retrievers.vector_cache import embedded

VECTORS = "vectors.cache.db"
"""Name of the file in the folder of the indexes that remembers vectors by text."""


class SqliteIndex:
    """Makes and finds index files in ``folder``; without an embedder they search words only."""

    def __init__(self, folder: Path, embedder: Embedder | None) -> None:
        self._folder = folder
        self._embedder = embedder

    def id_of(self, passages: tuple[Passage, ...]) -> str:
        """SHA-256 over layout, embedder id and every field of every passage, lower-case hex."""
        digest = hashlib.sha256()
        settings = [LAYOUT, PAGE_CHARS, self._embedder.id if self._embedder else "none"]
        digest.update(json.dumps(settings).encode() + b"\n")
        for passage in passages:
            fields = [passage.id, passage.source, passage.title, passage.text, passage.language]
            digest.update(json.dumps(fields).encode() + b"\n")
        return digest.hexdigest()

    def open(self, index_id: str) -> SqliteRetriever | None:
        """The index of that id; None when its file is missing, damaged, or was made by another version."""
        file = self._file(index_id)
        if not file.is_file():
            return None
        connection = None
        try:
            connection = sqlite3.connect(
                f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            contents = read(connection)
            if self.id_of(contents.passages) != index_id:
                raise ValueError("these are other passages")
        except (sqlite3.DatabaseError, ValueError, KeyError):
            if connection:
                connection.close()
            return None
        return SqliteRetriever(file, connection, contents, self._embedder)

    def build(self, passages: tuple[Passage, ...]) -> SqliteRetriever:
        """The index of these passages, made unless it is there; only texts not seen before are embedded.

        Raises ``IndexUnusable`` when the folder cannot be written.
        """
        index_id = self.id_of(passages)
        there = self.open(index_id)
        if there:
            return there
        file = self._file(index_id)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            texts = [searchable(passage) for passage in passages]
            vectors = embedded(self._folder / VECTORS, texts, self._embedder) if self._embedder and texts else None
            write(file, index_id, passages, vectors)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(file, str(error)) from error
        made = self.open(index_id)
        if made is None:
            raise self._unusable(file, "it was written and cannot be read")
        return made

    def _file(self, index_id: str) -> Path:
        return self._folder / f"{index_id}.db"

    @staticmethod
    def _unusable(file: Path, detail: str) -> IndexUnusable:
        return IndexUnusable(path=file, detail=detail, way_out="Check free space and permissions of its folder.")
