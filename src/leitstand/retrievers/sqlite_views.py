"""How do the passages of an index file score for a question? Its words are looked up, its vectors are in memory."""

import sqlite3
import threading
import weakref
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leitstand.domain.errors import IndexUnusable
from leitstand.domain.retrieval import Passage
from leitstand.retrievers.index_file import Contents
from leitstand.retrievers.index_inputs import page_vectors
from leitstand.retrievers.search import Question, Scores, Signal, Signals
from leitstand.retrievers.tokens import tokens

_PASSAGE = "SELECT id, source, title, text, language FROM passages WHERE number = ?"
_READ_AGAIN = 1024
"""Passages that stay in memory, the last ones found: of a large index, most are never asked for."""

_POSTINGS = "SELECT numbers, weights FROM words WHERE kind = ? AND language = ? AND stem = ?"
_REMEMBERED = 4096
"""Words whose postings stay in memory, the last ones asked for; every other question has them again."""

Posting = tuple[NDArray[np.intp], NDArray[np.float32]]
"""Numbers of the passages, or pages, that hold a word, and its weight in each.

The numbers are wider than in the file: as NumPy's own index type they are looked up in a seventh of the time.
"""

Row = Callable[[str, tuple[str | int, ...]], tuple[Any, ...] | None]


class SqliteViews:
    """Scores by one index file; safe to use from several threads."""

    def __init__(self, file: Path, connection: sqlite3.Connection, contents: Contents) -> None:
        row = _reader(file, connection)
        self._posting = lru_cache(maxsize=_REMEMBERED)(_postings(row))
        self.passage = lru_cache(maxsize=_READ_AGAIN)(_passages(row))
        weakref.finalize(self, connection.close)
        self._parts = contents.parts
        self._pages = np.array(contents.pages, dtype=np.int64)
        self._vectors = contents.vectors
        self._page_vectors = page_vectors(contents.vectors, contents.pages)

    def signals(self, question: Question) -> Signals:
        """Of all passages; raises ``IndexUnusable`` when the file cannot be read any more."""
        return Signals(words=self._by_words(question), vectors=self._by_vectors(question))

    def _by_vectors(self, question: Question) -> tuple[Signal, ...]:
        if question.vector is None or self._vectors is None:
            return ()
        passages, pages = self._vectors @ question.vector, self._page_vectors @ question.vector
        return (
            Signal(scores=passages.astype(np.float64), floor_is_zero=False),
            Signal(scores=pages[self._pages].astype(np.float64), floor_is_zero=False),
        )

    def _by_words(self, question: Question) -> tuple[Signal, ...]:
        passages = np.zeros(len(self._pages))
        pages = np.zeros(len(self._pages))  # there are no more pages than passages
        for code in question.languages:
            stems = sorted(set(tokens(question.text, code or question.language, self._parts.get(code, ()))))
            self._add("passages", code, stems, passages)
            self._add("pages", code, stems, pages)
        return (
            Signal(scores=passages, floor_is_zero=True),
            Signal(scores=pages[self._pages], floor_is_zero=True),
        )

    def _add(self, kind: str, language: str, stems: Sequence[str], scores: Scores) -> None:
        """Add the weights of the stems, always in the same order: sums of floats depend on it."""
        for stem in stems:
            posting = self._posting(kind, language, stem)
            if posting:
                scores[posting[0]] += posting[1]


def _postings(row: Row) -> Callable[[str, str, str], Posting | None]:
    """What reads the posting of a word, None when no passage holds it."""

    def read(kind: str, language: str, stem: str) -> Posting | None:
        found = row(_POSTINGS, (kind, language, stem))
        if found is None:
            return None
        return np.frombuffer(found[0], dtype="<i4").astype(np.intp), np.frombuffer(found[1], dtype="<f4")

    return read


def _passages(row: Row) -> Callable[[int], Passage]:
    """What reads the passage with a number."""

    def read(number: int) -> Passage:
        found = row(_PASSAGE, (number,))
        assert found is not None, "the file never changes, and the number is from it"
        id_, source, title, text, language = found
        return Passage(id=id_, source=source, title=title, text=text, language=language)

    return read


def _reader(file: Path, connection: sqlite3.Connection) -> Row:
    """What reads the one row of a statement from the file, None when there is none; from any thread."""
    lock = threading.Lock()

    def read(statement: str, values: tuple[str | int, ...]) -> tuple[Any, ...] | None:
        try:
            with lock:
                found: tuple[Any, ...] | None = connection.execute(statement, values).fetchone()
                return found
        except sqlite3.DatabaseError as error:
            way_out = "Delete the file and start again; it is made anew from the release."
            raise IndexUnusable(path=file, detail=str(error), way_out=way_out) from error

    return read
