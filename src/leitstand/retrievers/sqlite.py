"""How are passages indexed and searched in SQLite? Each index is one immutable file in a folder."""

import sqlite3
from pathlib import Path

from leitstand.domain.errors import IndexUnusable
from leitstand.domain.retrieval import Passage, Query
from leitstand.ports import Embedder, IndexPlace
from leitstand.retrievers.index_file import LAYOUT, read, write
from leitstand.retrievers.index_inputs import PAGE_CHARS, digest, searchable
from leitstand.retrievers.search import FusedRetriever
from leitstand.retrievers.sqlite_views import SqliteViews
from leitstand.retrievers.vector_cache import embedded

VECTORS = "vectors.cache.db"
"""Name of the file in the folder of the indexes that remembers vectors by text."""

_QUICK_PASSAGES = 10_000
_QUICK_CHARS = 400
"""Up to here a search by words takes about a millisecond at most."""


class SqliteRetriever(FusedRetriever):
    """Searches an index file on this machine."""

    def is_quick(self, query: Query) -> bool:
        """Whether ``search`` takes less time than handing it over to a thread under load does."""
        return self._embedder is None and len(query.text) <= _QUICK_CHARS and len(self._ids) <= _QUICK_PASSAGES


class SqliteIndex:
    """Makes and finds index files in a folder; without an embedder they search words only."""

    def __init__(self, place: IndexPlace, embedder: Embedder | None) -> None:
        self._folder = place.folder
        self._embedder = embedder

    def id_of(self, passages: tuple[Passage, ...]) -> str:
        """SHA-256 over layout, embedder id and every field of every passage, lower-case hex."""
        return digest([LAYOUT, PAGE_CHARS, self._embedder.id if self._embedder else "none"], passages)

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
        views = SqliteViews(file, connection, contents)
        return SqliteRetriever(contents.id, contents.passages, views, self._embedder, views.passage)

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
