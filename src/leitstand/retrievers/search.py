"""Which passages answer a question best? Words and vectors, of passages and of whole pages, fused."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from leitstand.domain.retrieval import Hit, Passage, Query, best, fuse, min_max
from leitstand.ports import Embedder

Scores = NDArray[np.float64]
"""One score per passage, or per page."""

FOREIGN = 0.7
"""What the score of a passage in another language than the question's is multiplied with (docs/decisions/0101)."""

_CANDIDATES = 32
"""Of each signal, at least so many passages take part in the fusion."""
_MAX_QUERY_CHARS = 4000


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked of the views.

    ``languages`` are those of the passages that are, or may be, in the question's own ``language``, which are the ones
    ``own`` says True of; ``vector`` is None without an embedder. Of each signal, the ``most`` highest scores among the
    own passages and among the others have to be right, and the lowest.
    """

    text: str
    language: str
    languages: tuple[str, ...]
    own: NDArray[np.bool_]
    vector: NDArray[np.float32] | None
    most: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """Scores of all passages by one of the four views, and what counts as nothing found."""

    scores: Scores
    floor_is_zero: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """By words, BM25 of passage and of page within the question's language; by vectors, cosine of passage and page."""

    words: tuple[Signal, ...]
    vectors: tuple[Signal, ...]


class Views(Protocol):
    """How the passages of one index score for a question; each kind of index looks them up in its own way."""

    def signals(self, question: Question) -> Signals:
        """Of all passages; raises ``IndexUnusable``."""


class FusedRetriever:
    """Searches one index by its views; safe to use from several threads when they are."""

    def __init__(self, index_id: str, passages: tuple[Passage, ...], views: Views, embedder: Embedder | None) -> None:
        self._id = index_id
        self._views = views
        self._embedder = embedder
        self._passages = passages
        self._numbers = {passage.id: number for number, passage in enumerate(passages)}
        self._languages = np.array([passage.language for passage in passages], dtype=str)

    @property
    def id(self) -> str:
        """The digest of the index inputs."""
        return self._id

    def search(self, query: Query) -> tuple[Hit, ...]:
        """The best passages, best first, scores in 0 .. 1; none for an empty question or index.

        Passages in the question's language are ranked by words and vectors; those in other languages by vectors alone,
        and behind their equals. Raises ``IndexUnusable`` when the index cannot be read any more.
        """
        text = query.text[:_MAX_QUERY_CHARS]
        if not text.strip() or not self._passages:
            return ()
        own = self._own(query.language)
        question = Question(
            text=text,
            language=query.language,
            languages=tuple(sorted(set(self._languages[own].tolist()))),
            own=own,
            vector=self._embedder.embed([text], query=True)[0] if self._embedder else None,
            most=max(_CANDIDATES, query.limit),
        )
        found = self._views.signals(question)
        scores = self._fused([*found.words, *found.vectors], own, own, question.most)
        if found.vectors and not own.all():
            foreign = self._fused(found.vectors, ~own, own if own.any() else ~own, question.most)
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
