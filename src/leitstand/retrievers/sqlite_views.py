"""How do the passages of an index file score for a question? Its words are looked up, its vectors are in memory."""

import sqlite3
import threading
import weakref
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leitstand.domain.errors import IndexUnusable
from leitstand.retrievers.index_file import Contents
from leitstand.retrievers.index_inputs import page_vectors
from leitstand.retrievers.search import Question, Scores, Signal, Signals
from leitstand.retrievers.tokens import tokens

_POSTINGS = "SELECT numbers, weights FROM words WHERE kind = ? AND language = ? AND stem = ?"


class SqliteViews:
    """Scores by one index file; safe to use from several threads."""

    def __init__(self, file: Path, connection: sqlite3.Connection, contents: Contents) -> None:
        self._file = file
        self._connection = connection
        self._lock = threading.Lock()
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
            stems = set(tokens(question.text, code or question.language, self._parts.get(code, ())))
            for kind, scores in (("passages", passages), ("pages", pages)):
                self._add(self._postings(kind, code, stems), scores)
        return (
            Signal(scores=passages, floor_is_zero=True),
            Signal(scores=pages[self._pages], floor_is_zero=True),
        )

    @staticmethod
    def _add(postings: Iterable[tuple[NDArray[np.int32], NDArray[np.float32]]], scores: Scores) -> None:
        for numbers, weights in postings:
            scores[numbers] += weights

    def _postings(
        self, kind: str, language: str, stems: Iterable[str]
    ) -> list[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """Numbers and weights of the passages or pages that hold each of the stems."""
        try:
            with self._lock:
                rows = [
                    self._connection.execute(_POSTINGS, (kind, language, stem)).fetchone() for stem in sorted(stems)
                ]
        except sqlite3.DatabaseError as error:
            way_out = "Delete the file and start again; it is made anew from the release."
            raise IndexUnusable(path=self._file, detail=str(error), way_out=way_out) from error
        return [(np.frombuffer(row[0], dtype="<i4"), np.frombuffer(row[1], dtype="<f4")) for row in rows if row]
