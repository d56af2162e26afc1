"""How do the passages of a collection score for a question? Two requests: which lead, and what all of those score."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import numpy as np
from qdrant_client import QdrantClient
from qdrant_client.models import (
    FieldCondition,
    Filter,
    HasIdCondition,
    MatchAny,
    QueryRequest,
    QueryResponse,
    SparseVector,
)

from leitstand.domain.retrieval import Passage
from leitstand.retrievers.qdrant_points import VECTORS, WORDS, question_words, sparse
from leitstand.retrievers.search import Question, Scores, Signal, Signals
from leitstand.retrievers.tokens import tokens
from leitstand.retrievers.word_rows import parts_by_language


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """One of the four views of a question; ``opposite`` is what the least similar passage is the most similar to."""

    using: str
    query: list[float] | SparseVector
    opposite: list[float] = field(default_factory=list)


class QdrantViews:
    """Scores by one collection; safe to use from several threads."""

    def __init__(
        self, client: Callable[[], AbstractContextManager[QdrantClient]], name: str, passages: tuple[Passage, ...]
    ) -> None:
        self._client = client
        self._name = name
        self._many = len(passages)
        self._parts = parts_by_language(passages)

    def signals(self, question: Question) -> Signals:
        """Right for the leading passages; the others have the lowest score of all."""
        words, vectors = self._words(question), self._vectors(question)
        if not words and not vectors:
            return Signals(words=(Signal(scores=np.zeros(self._many), floor_is_zero=True),), vectors=())
        own, others = self._groups(question)
        leading = [self._request(view.query, view.using, own, question.most) for view in (*words, *vectors)]
        leading += [self._request(view.query, view.using, others, question.most) for view in vectors]
        lowest = [self._request(view.opposite, view.using, each, 1) for view in vectors for each in (own, others)]
        with self._client() as client:
            found = client.query_batch_points(self._name, [*leading, *lowest])
            candidates = sorted({point.id for response in found[: len(leading)] for point in response.points})
            among = Filter(must=[HasIdCondition(has_id=candidates)])
            many = len(candidates)
            again = [self._request(view.query, view.using, among, many) for view in (*words, *vectors)]
            scored = client.query_batch_points(self._name, again)
        floors = [-response.points[0].score if response.points else 0.0 for response in found[len(leading) :]]
        starts = [np.where(question.own, *pair) for pair in zip(floors[::2], floors[1::2], strict=True)]
        return Signals(
            words=tuple(
                self._signal(np.zeros(self._many), response, floor_is_zero=True) for response in scored[: len(words)]
            ),
            vectors=tuple(map(self._signal, starts, scored[len(words) :])),
        )

    def _words(self, question: Question) -> list[View]:
        weights: dict[int, float] = {}
        for code in question.languages:
            stems = tokens(question.text, code or question.language, self._parts[code])
            weights.update(question_words(code, stems))
        return [View(using=name, query=sparse(weights)) for name in WORDS.values()] if weights else []

    @staticmethod
    def _vectors(question: Question) -> list[View]:
        if question.vector is None:
            return []
        vector, opposite = question.vector.tolist(), (-question.vector).tolist()
        return [View(using=name, query=vector, opposite=opposite) for name in VECTORS]

    @staticmethod
    def _groups(question: Question) -> tuple[Filter, Filter]:
        spoken = FieldCondition(key="language", match=MatchAny(any=list(question.languages)))
        return Filter(must=[spoken]), Filter(must_not=[spoken])

    @staticmethod
    def _request(query: list[float] | SparseVector, using: str, among: Filter, most: int) -> QueryRequest:
        return QueryRequest(query=query, using=using, filter=among, limit=max(most, 1))

    @staticmethod
    def _signal(start: Scores, response: QueryResponse, *, floor_is_zero: bool = False) -> Signal:
        for point in response.points:
            start[int(point.id)] = point.score
        return Signal(scores=start, floor_is_zero=floor_is_zero)
