"""Which passages answer a question best? Words and vectors, of passages and of whole pages, fused."""

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leitstand.domain.errors import IndexUnusable
from leitstand.domain.retrieval import Hit, Query, best, fuse, min_max
from leitstand.ports import Embedder
from leitstand.retrievers.index_file import Contents
from leitstand.retrievers.tokens import tokens

Scores = NDArray[np.float64]
"""One score per passage, or per page."""

FOREIGN = 0.7
"""What the score of a passage in another language than the question's is multiplied with (docs/decisions/0101)."""

_POSTINGS = "SELECT numbers, weights FROM words WHERE kind = ? AND language = ? AND stem = ?"
_CANDIDATES = 32
"""Of each signal, at least so many passages take part in the fusion."""
_MAX_QUERY_CHARS = 4000


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """Scores of all passages by one of the four views, and what counts as nothing found."""

    scores: Scores
    floor_is_zero: bool


class SqliteRetriever:
    """Searches one index file; safe to use from several threads."""

    def __init__(
        self, file: Path, connection: sqlite3.Connection, contents: Contents, embedder: Embedder | None
    ) -> None:
        self._file = file
        self._connection = connection
        self._lock = threading.Lock()
        weakref.finalize(self, connection.close)
        self._contents = contents
        self._embedder = embedder
        self._passages = contents.passages
        self._numbers = {passage.id: number for number, passage in enumerate(contents.passages)}
        self._pages = np.array(contents.pages, dtype=np.int64)
        self._languages = np.array([passage.language for passage in contents.passages], dtype=str)
        self._page_vectors = _page_vectors(contents)

    @property
    def id(self) -> str:
        """The digest of the index inputs."""
        return self._contents.id

    def search(self, query: Query) -> tuple[Hit, ...]:
        """The best passages, best first, scores in 0 .. 1; none for an empty question or index.

        Passages in the question's language are ranked by words and vectors; those in other languages by vectors alone,
        and behind their equals. Raises ``IndexUnusable`` when the file cannot be read any more.
        """
        text = query.text[:_MAX_QUERY_CHARS]
        if not text.strip() or not self._passages:
            return ()
        own = self._own(query.language)
        vectors = self._by_vectors(text)
        most = max(_CANDIDATES, query.limit)
        scores = self._fused([*self._by_words(text, query.language, own), *vectors], own, own, most)
        if vectors and not own.all():
            foreign = self._fused(vectors, ~own, own if own.any() else ~own, most)
            scores.update({name: score * FOREIGN for name, score in foreign.items()})
        return tuple(
            Hit(passage=self._passages[self._numbers[name]], score=score)
            for name, score in best(scores, query.limit)
            if score > 0
        )

    def _own(self, language: str) -> NDArray[np.bool_]:
        """Which passages are in the language of the question, or may be."""
        if not language:
            return np.ones(len(self._passages), dtype=bool)
        own: NDArray[np.bool_] = np.isin(self._languages, [language, ""])
        return own

    def _fused(
        self, signals: Sequence[Signal], among: NDArray[np.bool_], bounds: NDArray[np.bool_], most: int
    ) -> dict[str, float]:
        """Fused scores of the leading passages ``among`` all; each signal is scaled to its span within ``bounds``."""
        allowed = np.flatnonzero(among)
        if not len(allowed):
            return {}
        leading = [
            allowed[np.argpartition(-signal.scores[allowed], min(most, len(allowed) - 1))[:most]] for signal in signals
        ]
        candidates = np.unique(np.concatenate(leading))
        names = [self._passages[number].id for number in candidates]
        rankings = []
        for signal in signals:
            within = signal.scores[bounds]
            lowest = 0.0 if signal.floor_is_zero else float(within.min())
            ranking = dict(zip(names, signal.scores[candidates].tolist(), strict=True))
            rankings.append(min_max(ranking, lowest, float(within.max())))
        return fuse(rankings)

    def _by_vectors(self, text: str) -> list[Signal]:
        """Cosine of passage and question, and of page and question."""
        if self._embedder is None or self._contents.vectors is None:
            return []
        vector = self._embedder.embed([text], query=True)[0]
        passages, pages = self._contents.vectors @ vector, self._page_vectors @ vector
        return [
            Signal(scores=passages.astype(np.float64), floor_is_zero=False),
            Signal(scores=pages[self._pages].astype(np.float64), floor_is_zero=False),
        ]

    def _by_words(self, text: str, language: str, own: NDArray[np.bool_]) -> list[Signal]:
        """BM25 of passage and question, and of page and question, within the question's language."""
        passages = np.zeros(len(self._passages))
        pages = np.zeros(len(self._passages))  # there are no more pages than passages
        for code in sorted(set(self._languages[own].tolist())):
            stems = set(tokens(text, code or language, self._contents.parts.get(code, ())))
            for kind, scores in (("passages", passages), ("pages", pages)):
                self._add(self._postings(kind, code, stems), scores)
        return [
            Signal(scores=passages, floor_is_zero=True),
            Signal(scores=pages[self._pages], floor_is_zero=True),
        ]

    @staticmethod
    def _add(postings: Iterable[tuple[NDArray[np.int32], NDArray[np.float32]]], scores: NDArray[np.float64]) -> None:
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


def _page_vectors(contents: Contents) -> NDArray[np.float32]:
    """The mean of the vectors of each page's passages, of length one."""
    if contents.vectors is None or not contents.pages:
        return np.empty((0, 0), dtype=np.float32)
    sums = np.zeros((max(contents.pages) + 1, contents.vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, np.array(contents.pages), contents.vectors)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    means: NDArray[np.float32] = sums / np.maximum(lengths, np.finfo(np.float32).tiny)
    return means
