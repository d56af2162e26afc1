"""Which passages answer a question best? Words and vectors, of passages and of whole pages, fused."""

from collections.abc import Callable, Sequence
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


class Some:
    """Passages of an index by their numbers; scores of all are not copied where it is all of them."""

    def __init__(self, mask: NDArray[np.bool_]) -> None:
        self.numbers = np.flatnonzero(mask)
        self.is_all = len(self.numbers) == len(mask)

    def of(self, scores: Scores) -> Scores:
        """Their scores."""
        return scores if self.is_all else scores[self.numbers]


@dataclass(frozen=True, kw_only=True, slots=True)
class Own:
    """The passages that are, or may be, in the language of a question, and the others; ``languages`` are their own."""

    mask: NDArray[np.bool_]
    own: Some
    others: Some
    languages: tuple[str, ...]


class Views(Protocol):
    """How the passages of one index score for a question; each kind of index looks them up in its own way."""

    def signals(self, question: Question) -> Signals:
        """Of all passages; raises ``IndexUnusable``."""


class FusedRetriever:
    """Searches one index by its views; safe to use from several threads when they are.

    With ``read``, passages are not kept in memory: those that are found are read by their number.
    """

    def __init__(
        self,
        index_id: str,
        passages: tuple[Passage, ...],
        views: Views,
        embedder: Embedder | None,
        read: Callable[[int], Passage] | None = None,
    ) -> None:
        self._id = index_id
        self._views = views
        self._embedder = embedder
        self._numbers = {passage.id: number for number, passage in enumerate(passages)}
        self._ids = tuple(self._numbers)
        self._passage = read or passages.__getitem__
        languages = np.array([passage.language for passage in passages], dtype=str)
        self._own = {code: _own(languages, code) for code in {"", *languages.tolist()}}
        self._unknown = _own(languages, None)

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
        if not text.strip() or not self._ids:
            return ()
        own = self._own.get(query.language, self._unknown)
        question = Question(
            text=text,
            language=query.language,
            languages=own.languages,
            own=own.mask,
            vector=self._embedder.embed([text], query=True)[0] if self._embedder else None,
            most=max(_CANDIDATES, query.limit),
        )
        found = self._views.signals(question)
        scores = self._fused([*found.words, *found.vectors], own.own, own.own, question.most)
        if found.vectors and not own.own.is_all:
            bounds = own.own if len(own.own.numbers) else own.others
            foreign = self._fused(found.vectors, own.others, bounds, question.most)
            scores.update({name: score * FOREIGN for name, score in foreign.items()})
        return tuple(
            Hit(passage=self._passage(self._numbers[name]), score=score)
            for name, score in best(scores, query.limit)
            if score > 0
        )

    def _fused(self, signals: Sequence[Signal], among: Some, bounds: Some, most: int) -> dict[str, float]:
        """Fused scores of the leading passages ``among`` all; each signal is scaled to its span within ``bounds``."""
        if not len(among.numbers):
            return {}
        candidates = sorted({number for signal in signals for number in _leading(signal, among, most)})
        names = [self._ids[number] for number in candidates]
        rankings = []
        for signal in signals:
            within = bounds.of(signal.scores)
            lowest = 0.0 if signal.floor_is_zero else float(within.min())
            ranking = dict(zip(names, signal.scores[candidates].tolist(), strict=True))
            rankings.append(min_max(ranking, lowest, float(within.max())))
        return fuse(rankings)


def _own(languages: NDArray[np.str_], code: str | None) -> Own:
    """The passages in that language and those in an unknown one; all for ``""``, only unknown ones for None."""
    mask = np.ones(len(languages), dtype=bool) if code == "" else np.isin(languages, [code or "", ""])
    found = tuple(sorted(set(languages[mask].tolist())))
    return Own(mask=mask, own=Some(mask), others=Some(~mask), languages=found)


def _leading(signal: Signal, among: Some, most: int) -> list[int]:
    """Numbers of the ``most`` best, in no order; where 0 means that nothing was found, only of those found."""
    scores = among.of(signal.scores)
    places = np.flatnonzero(scores > 0) if signal.floor_is_zero else np.arange(len(scores))
    if len(places) > most:
        places = places[np.argpartition(-scores[places], most)[:most]]
    numbers: list[int] = among.numbers[places].tolist()
    return numbers
