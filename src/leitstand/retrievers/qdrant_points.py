"""What does an index look like in Qdrant? One point a passage, with the vectors and words of it and of its page."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

import numpy as np
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, HnswConfigDiff, PointStruct, SparseVector, SparseVectorParams, VectorParams

from leitstand.domain.retrieval import Passage
from leitstand.retrievers.index_inputs import page_vectors, pages_of
from leitstand.retrievers.word_rows import parts_by_language, stems, word_rows
from leitstand.vectors import Vectors

LAYOUT = 1
"""Raised with every change of what a collection holds, or of how its words are made."""

VECTORS = ("passages", "pages")
"""Names of the vectors: of the passage, and the mean of its page's."""
WORDS = {"passages": "passage_words", "pages": "page_words"}
"""Names of the sparse vectors that hold BM25 weights."""

_PORTION = 1000


def make_collection(client: QdrantClient, name: str, dimensions: int) -> None:
    """Make an empty collection; without dimensions it has words only."""
    # rows have length one: their product is their cosine, and Qdrant need not divide again
    shape = VectorParams(size=dimensions, distance=Distance.DOT)
    client.create_collection(
        name,
        vectors_config=dict.fromkeys(VECTORS, shape) if dimensions else {},
        # without a graph every vector is looked at: the same answer each time, and what is lowest is known
        hnsw_config=HnswConfigDiff(m=0),
        sparse_vectors_config=dict.fromkeys(WORDS.values(), SparseVectorParams()),
    )


def points(passages: Sequence[Passage], vectors: Vectors | None) -> list[PointStruct]:
    """One point a passage; its id is the passage's number."""
    pages = pages_of(passages)
    parts = parts_by_language(passages)
    weights: dict[str, dict[int, dict[int, float]]] = {kind: {} for kind in WORDS}
    for row in word_rows(passages, pages, lambda texts, language: stems(texts, language, parts[language])):
        place = dimension(row.language, row.stem)
        numbers, values = np.frombuffer(row.numbers, dtype="<i4"), np.frombuffer(row.weights, dtype="<f4")
        for number, weight in zip(numbers.tolist(), values.tolist(), strict=True):
            weights[row.kind].setdefault(number, {})[place] = weight
    by_page = page_vectors(vectors, pages)
    made = []
    for number, (passage, page) in enumerate(zip(passages, pages, strict=True)):
        words = {"passages": weights["passages"].get(number), "pages": weights["pages"].get(page)}
        vector: dict[str, object] = {WORDS[kind]: sparse(found) for kind, found in words.items() if found}
        if vectors is not None:
            vector.update(passages=vectors[number].tolist(), pages=by_page[page].tolist())
        made.append(PointStruct(id=number, vector=vector, payload=asdict(passage)))  # type: ignore[arg-type]
    return made


def sparse(weights: Mapping[int, float]) -> SparseVector:
    """A sparse vector of these weights by dimension."""
    return SparseVector(indices=list(weights), values=list(weights.values()))


def question_words(language: str, stems_of_question: Iterable[str]) -> dict[int, float]:
    """The words of a question; multiplied with those of a passage they give its BM25 score."""
    return {dimension(language, stem): 1.0 for stem in stems_of_question}


def dimension(language: str, stem: str) -> int:
    """The dimension of a stem, 32 bits: two of 50,000 stems fall on one another in one index of four."""
    return int.from_bytes(hashlib.blake2b(f"{language}\0{stem}".encode("utf-8", "replace"), digest_size=4).digest())


def read(client: QdrantClient, name: str) -> tuple[Passage, ...]:
    """The passages of a collection in their order; raises ``TypeError`` for points that are none of ours."""
    found: list[Passage] = []
    at: object = None
    while True:
        records, at = client.scroll(name, limit=_PORTION, offset=at, with_payload=True)  # type: ignore[arg-type]
        found.extend(Passage(**record.payload or {}) for record in records)
        if at is None:
            return tuple(found)
