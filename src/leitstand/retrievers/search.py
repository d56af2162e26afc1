"""Which passages answer a question best? Words and vectors, of passages and of whole pages, fused."""

import sqlite3
import threading
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leitstand.domain.errors import StoreUnusable
from leitstand.domain.retrieval import Hit, Query, best, fuse, min_max
from leitstand.ports import Embedder
from leitstand.retrievers.index_file import Contents, table_of
from leitstand.retrievers.tokens import tokens

Scores = NDArray[np.float64]
"""One score per passage, or per page."""

FOREIGN = 0.7
"""What the score of a passage in another language than the question's is multiplied with (docs/decisions/0101)."""

MAX_TERMS = 16
"""Words looked up at most, the rarest first: frequent ones cost most and say least."""

_CANDIDATES = 64
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
        and behind their equals. Raises ``StoreUnusable`` when the file cannot be read any more.
        """
        text = query.text[:_MAX_QUERY_CHARS]
        if not text.strip() or not self._passages:
            return ()
        own = self._own(query.language)
        vectors = self._by_vectors(text)
        scores = self._fused([*self._by_words(text, query.language, own), *vectors], own, own)
        if vectors and not own.all():
            bounds = own if own.any() else ~own
            foreign = self._fused(vectors, ~own, bounds)
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
        self, signals: Iterable[Signal], among: NDArray[np.bool_], bounds: NDArray[np.bool_]
    ) -> dict[str, float]:
        """Fused scores of the candidates ``among`` all passages, each signal scaled to its span within ``bounds``."""
        if not among.any():
            return {}
        listed = list(signals)
        allowed = np.flatnonzero(among)
        leading = [allowed[np.argsort(-signal.scores[allowed], kind="stable")[:_CANDIDATES]] for signal in listed]
        candidates = np.unique(np.concatenate(leading))
        rankings = []
        for signal in listed:
            within = signal.scores[bounds]
            lowest = 0.0 if signal.floor_is_zero else float(within.min())
            ranking = {self._passages[number].id: float(signal.scores[number]) for number in candidates}
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
        pages = np.zeros(int(self._pages.max()) + 1)
        for code in sorted(set(self._languages[own])):
            terms = list(dict.fromkeys(tokens(text, code or language, self._contents.parts.get(code, ()))))
            for kind, scores in (("passages", passages), ("pages", pages)):
                self._look_up(table_of(kind, code), terms, scores)
        return [
            Signal(scores=passages, floor_is_zero=True),
            Signal(scores=pages[self._pages], floor_is_zero=True),
        ]

    def _look_up(self, table: str, terms: list[str], scores: Scores) -> None:
        """Add the BM25 scores of one table (k1 1.2, b 0.75, as FTS5 computes them) to ``scores``."""
        try:
            with self._lock:
                rare = self._rarest(table, terms)
                if not rare:
                    return
                question = " OR ".join(f'"{term.replace(chr(34), chr(34) * 2)}"' for term in rare)
                rows = self._connection.execute(
                    f"SELECT rowid, -bm25({table}) FROM {table} WHERE {table} MATCH ?",  # noqa: S608 - see table_of
                    (question,),
                ).fetchall()
        except sqlite3.DatabaseError as error:
            way_out = "Delete the file and start again; it is made anew from the release."
            raise StoreUnusable(path=self._file, detail=str(error), way_out=way_out) from error
        if rows:
            numbers, found = zip(*rows, strict=True)
            scores[np.array(numbers)] += np.array(found)

    def _rarest(self, table: str, terms: list[str]) -> list[str]:
        """The terms that occur at all, at most ``MAX_TERMS`` of them, the rarest first."""
        counted = []
        for term in terms:
            statement = f"SELECT doc FROM {table}_terms WHERE term = ?"  # noqa: S608 - see table_of
            row = self._connection.execute(statement, (term,)).fetchone()
            if row:
                counted.append((int(row[0]), term))
        return [term for _, term in sorted(counted)[:MAX_TERMS]]


def _page_vectors(contents: Contents) -> NDArray[np.float32]:
    """The mean of the vectors of each page's passages, of length one."""
    if contents.vectors is None or not contents.pages:
        return np.empty((0, 0), dtype=np.float32)
    sums = np.zeros((max(contents.pages) + 1, contents.vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, np.array(contents.pages), contents.vectors)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    means: NDArray[np.float32] = sums / np.maximum(lengths, np.finfo(np.float32).tiny)
    return means
