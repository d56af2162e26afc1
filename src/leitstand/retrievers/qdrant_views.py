"""How do the passages of a collection score for a question? Two requests: which lead, and what all of those score."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

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
    opposite: list[float] | None = None


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
        views = [*words, *vectors]
        own, others = self._groups(question)
        leading = [self._request(view.query, view.using, own, question.most) for view in views]
        leading += [self._request(view.query, view.using, others, question.most) for view in vectors]
        lowest = [self._request(view.opposite or [], view.using, each, 1) for view in vectors for each in (own, others)]
        with self._client() as client:
            found = self._ask(client, [*leading, *lowest])
            candidates = sorted({point.id for response in found[: len(leading)] for point in response.points})
            among = Filter(must=[HasIdCondition(has_id=candidates)])
            scored = self._ask(
                client, [self._request(view.query, view.using, among, len(candidates)) for view in views]
            )
        floors = [[-point.score for point in response.points] or [0.0] for response in found[len(leading) :]]
        spans = [np.where(question.own, *pair) for pair in zip(floors[::2], floors[1::2], strict=True)]
        starts = [np.zeros(self._many) for _ in words] + spans
        signals = [
            Signal(scores=self._filled(start, response), floor_is_zero=number < len(words))
            for number, (start, response) in enumerate(zip(starts, scored, strict=True))
        ]
        return Signals(words=tuple(signals[: len(words)]), vectors=tuple(signals[len(words) :]))

    def _words(self, question: Question) -> list[View]:
        weights: dict[int, float] = {}
        for code in question.languages:
            stems = tokens(question.text, code or question.language, self._parts[code])
            weights.update(question_words(code, stems))
        return [View(using=name, query=sparse(weights)) for name in WORDS.values()]

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

    def _ask(self, client: QdrantClient, requests: Sequence[QueryRequest]) -> list[QueryResponse]:
        return client.query_batch_points(self._name, requests)

    @staticmethod
    def _filled(start: Scores, response: QueryResponse) -> Scores:
        for point in response.points:
            start[int(point.id)] = point.score
        return start
