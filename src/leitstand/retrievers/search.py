"""Which passages answer a question best? Words and vectors, of passages and of whole pages, fused."""

import sqlite3
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
_REMEMBERED_WORDS = 4096
"""Words whose postings stay in memory, the last ones asked for; every other question has them again."""
_QUICK_PASSAGES = 10_000
_QUICK_CHARS = 400
"""Up to here a search by words takes about a millisecond at most."""

Posting = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Numbers of the passages, or pages, that hold a word, and its weight in each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Own:
    """The passages that are in the language of a question, or may be; ``codes`` are their languages."""

    mask: NDArray[np.bool_]
    numbers: NDArray[np.intp]
    codes: tuple[str, ...]

    @property
    def is_all(self) -> bool:
        """Whether there are no others."""
        return len(self.numbers) == len(self.mask)


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
        self._posting = lru_cache(maxsize=_REMEMBERED_WORDS)(_reader(file, connection))
        weakref.finalize(self, connection.close)
        self._contents = contents
        self._embedder = embedder
        self._passages = contents.passages
        self._numbers = {passage.id: number for number, passage in enumerate(contents.passages)}
        self._pages = np.array(contents.pages, dtype=np.int64)
        languages = np.array([passage.language for passage in contents.passages], dtype=str)
        self._own = {code: _own(languages, code) for code in {"", *languages.tolist()}}
        self._unknown = _own(languages, None)
        self._page_vectors = _page_vectors(contents)

    @property
    def id(self) -> str:
        """The digest of the index inputs."""
        return self._contents.id

    def is_quick(self, query: Query) -> bool:
        """Whether ``search`` takes less time than handing it over to a thread under load does."""
        return self._embedder is None and len(query.text) <= _QUICK_CHARS and len(self._passages) <= _QUICK_PASSAGES

    def search(self, query: Query) -> tuple[Hit, ...]:
        """The best passages, best first, scores in 0 .. 1; none for an empty question or index.

        Passages in the question's language are ranked by words and vectors; those in other languages by vectors alone,
        and behind their equals. Raises ``IndexUnusable`` when the file cannot be read any more.
        """
        text = query.text[:_MAX_QUERY_CHARS]
        if not text.strip() or not self._passages:
            return ()
        own = self._own.get(query.language, self._unknown)
        vectors = self._by_vectors(text)
        most = max(_CANDIDATES, query.limit)
        scores = self._fused([*self._by_words(text, query.language, own), *vectors], own.numbers, own.numbers, most)
        if vectors and not own.is_all:
            others = np.flatnonzero(~own.mask)
            foreign = self._fused(vectors, others, own.numbers if len(own.numbers) else others, most)
            scores.update({name: score * FOREIGN for name, score in foreign.items()})
        return tuple(
            Hit(passage=self._passages[self._numbers[name]], score=score)
            for name, score in best(scores, query.limit)
            if score > 0
        )

    def _fused(
        self, signals: Sequence[Signal], among: NDArray[np.intp], bounds: NDArray[np.intp], most: int
    ) -> dict[str, float]:
        """Fused scores of the leading passages ``among`` all; each signal is scaled to its span within ``bounds``."""
        if not len(among):
            return {}
        candidates = sorted({int(number) for signal in signals for number in _leading(signal.scores, among, most)})
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

    def _by_words(self, text: str, language: str, own: Own) -> list[Signal]:
        """BM25 of passage and question, and of page and question, within the question's language."""
        passages = np.zeros(len(self._passages))
        pages = np.zeros(len(self._passages))  # there are no more pages than passages
        for code in own.codes:
            stems = sorted(set(tokens(text, code or language, self._contents.parts.get(code, ()))))
            self._add("passages", code, stems, passages)
            self._add("pages", code, stems, pages)
        return [
            Signal(scores=passages, floor_is_zero=True),
            Signal(scores=pages[self._pages], floor_is_zero=True),
        ]

    def _add(self, kind: str, language: str, stems: Sequence[str], scores: Scores) -> None:
        """Add the weights of the stems, always in the same order: sums of floats depend on it."""
        for stem in stems:
            posting = self._posting(kind, language, stem)
            if posting:
                scores[posting[0]] += posting[1]


def _reader(file: Path, connection: sqlite3.Connection) -> Callable[[str, str, str], Posting | None]:
    """What reads the posting of a word from the file, None when no passage holds it; from any thread."""
    lock = threading.Lock()

    def read(kind: str, language: str, stem: str) -> Posting | None:
        try:
            with lock:
                row = connection.execute(_POSTINGS, (kind, language, stem)).fetchone()
        except sqlite3.DatabaseError as error:
            way_out = "Delete the file and start again; it is made anew from the release."
            raise IndexUnusable(path=file, detail=str(error), way_out=way_out) from error
        return (np.frombuffer(row[0], dtype="<i4"), np.frombuffer(row[1], dtype="<f4")) if row else None

    return read


def _own(languages: NDArray[np.str_], code: str | None) -> Own:
    """The passages in that language and those in an unknown one; all for ``""``, only unknown ones for None."""
    mask = np.ones(len(languages), dtype=bool) if code == "" else np.isin(languages, [code or "", ""])
    return Own(mask=mask, numbers=np.flatnonzero(mask), codes=tuple(sorted(set(languages[mask].tolist()))))


def _leading(scores: Scores, among: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Numbers of the ``most`` best, in no order."""
    if len(among) <= most:
        return among
    return among[np.argpartition(-scores[among], most)[:most]]


def _page_vectors(contents: Contents) -> NDArray[np.float32]:
    """The mean of the vectors of each page's passages, of length one."""
    if contents.vectors is None or not contents.pages:
        return np.empty((0, 0), dtype=np.float32)
    sums = np.zeros((max(contents.pages) + 1, contents.vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, np.array(contents.pages), contents.vectors)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    means: NDArray[np.float32] = sums / np.maximum(lengths, np.finfo(np.float32).tiny)
    return means
