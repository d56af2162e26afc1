"""How are passages indexed and searched in PostgreSQL? By its text search and pgvector, for all processes at once."""

from collections.abc import Mapping

import numpy as np

from leitstand.domain.errors import IndexUnusable, SettingInvalid, translatable
from leitstand.domain.retrieval import Passage
from leitstand.ports import Embedder, IndexPlace
from leitstand.retrievers import postgres_schema as schema
from leitstand.retrievers.index_inputs import PAGE_CHARS, digest, pages_of, searchable
from leitstand.retrievers.postgres_session import Database, Session, database
from leitstand.retrievers.search import FusedRetriever, Question, Scores, Signal, Signals
from leitstand.retrievers.tokens import with_parts
from leitstand.retrievers.vector_cache import embedded
from leitstand.retrievers.word_rows import parts_by_language

VECTORS = "vectors.cache.db"
"""Name of the file in the folder of the indexes that remembers vectors by text."""

_SEARCH_SECONDS = 30.0
_WORDS = """
    SELECT words.kind, words.numbers, words.weights
    FROM leitstand_index.indexes
    LEFT JOIN leitstand_index.words ON words.index = indexes.number AND (language, lexeme) IN (
        SELECT asked.language, unnest(tsvector_to_array(to_tsvector(asked.configuration::regconfig, asked.text)))
        FROM unnest($2::text[], $3::text[], $4::text[]) AS asked (language, configuration, text)
    )
    WHERE indexes.id = $1
    ORDER BY language, lexeme
"""
_SCORES = """
    SELECT kind, array_agg(-(vector <#> (SELECT $2::text::vector)) ORDER BY number) AS scores
    FROM leitstand_index.vectors
    WHERE index = (SELECT number FROM leitstand_index.indexes WHERE id = $1) GROUP BY kind
"""


class PostgresIndex:
    """Makes and finds indexes in the PostgreSQL of ``LEITSTAND_DATABASE_URL``, by ``tsvector`` and pgvector.

    The extra ``leitstand[postgres]``. Without an embedder they search words only, and pgvector is not needed.
    """

    def __init__(self, place: IndexPlace, embedder: Embedder | None) -> None:
        if not place.database_url:
            way_out = translatable("Set it to postgresql://USER@HOST/DATABASE, or use another retriever.")
            raise SettingInvalid(name="LEITSTAND_DATABASE_URL", value='""', way_out=way_out)
        self._place = place
        self._embedder = embedder
        self._embedder_id = embedder.id if embedder else "none"

    def id_of(self, passages: tuple[Passage, ...]) -> str:
        """SHA-256 over kind, layout, embedder id and every field of every passage, lower-case hex."""
        return digest(["postgres", schema.LAYOUT, PAGE_CHARS, self._embedder_id], passages)

    def open(self, index_id: str) -> FusedRetriever | None:
        """The index of that id; None when it is not there, is not whole, or was made by another version.

        Raises ``IndexUnusable`` when the database does not answer.
        """
        kept = database(self._place.database_url)
        passages = kept.ask(lambda session: schema.find(session, index_id))
        if passages is None or self.id_of(passages) != index_id:
            return None
        return FusedRetriever(index_id, passages, PostgresViews(kept, index_id, passages), self._embedder)

    def build(self, passages: tuple[Passage, ...]) -> FusedRetriever:
        """The index of these passages, made unless it is there; one process makes it, the others wait for it.

        Raises ``IndexUnusable``.
        """
        index_id = self.id_of(passages)
        there = self.open(index_id)
        if there:
            return there
        kept = database(self._place.database_url)
        turn = int.from_bytes(bytes.fromhex(index_id)[:8], signed=True)
        with kept.session() as session:
            session.run("SELECT pg_advisory_lock($1)", turn)
            try:
                self._make(session, index_id, passages)
            finally:
                session.run("SELECT pg_advisory_unlock($1)", turn)
        made = self.open(index_id)
        if made is None:
            way_out = translatable("Start again; if that does not help, delete the schema leitstand_index.")
            raise IndexUnusable(path=kept.name, detail="it was written and cannot be read", way_out=way_out)
        return made

    def _make(self, session: Session, index_id: str, passages: tuple[Passage, ...]) -> None:
        schema.set_up(session, vectors=self._embedder is not None)
        found = schema.find(session, index_id)
        if found is not None and self.id_of(found) == index_id:
            return  # by the process whose turn was before ours
        texts = [searchable(passage) for passage in passages]
        vectors = None
        if self._embedder and texts:
            self._place.folder.mkdir(parents=True, exist_ok=True)
            vectors = embedded(self._place.folder / VECTORS, texts, self._embedder)
        schema.write(session, index_id, self._embedder_id, passages, vectors)


class PostgresViews:
    """Scores by one index of a database; safe to use from several threads."""

    def __init__(self, kept: Database, index_id: str, passages: tuple[Passage, ...]) -> None:
        self._database = kept
        self._id = index_id
        self._pages = np.array(pages_of(passages), dtype=np.int64)
        self._parts = parts_by_language(passages)

    def signals(self, question: Question) -> Signals:
        """Of all passages, each seen: an approximate index could not say which score is the lowest."""
        return self._database.ask(
            lambda session: Signals(
                words=self._by_words(session, question), vectors=self._by_vectors(session, question)
            )
        )

    def _by_words(self, session: Session, question: Question) -> tuple[Signal, ...]:
        codes = question.languages
        texts = [with_parts(schema.storable(question.text), code, self._parts[code]) for code in codes]
        names = [schema.configuration(code or question.language) for code in codes]
        rows = session.fetch(_WORDS, self._id, list(codes), names, texts, seconds=_SEARCH_SECONDS)
        if not rows:
            raise self._deleted()
        scores: Mapping[str, Scores] = {kind: np.zeros(len(self._pages)) for kind in ("passages", "pages")}
        for kind, numbers, weights in rows:
            if kind is not None:
                scores[kind][np.frombuffer(numbers, dtype="<i4")] += np.frombuffer(weights, dtype="<f4")
        return (
            Signal(scores=scores["passages"], floor_is_zero=True),
            Signal(scores=scores["pages"][self._pages], floor_is_zero=True),
        )

    def _by_vectors(self, session: Session, question: Question) -> tuple[Signal, ...]:
        if question.vector is None:
            return ()
        vector = schema.as_text(question.vector.tolist())
        found = dict(session.fetch(_SCORES, self._id, vector, seconds=_SEARCH_SECONDS))
        if len(found) != 2:
            raise self._deleted()
        passages, pages = np.array(found["passages"]), np.array(found["pages"])
        return (
            Signal(scores=passages, floor_is_zero=False),
            Signal(scores=pages[self._pages], floor_is_zero=False),
        )

    def _deleted(self) -> IndexUnusable:
        way_out = translatable("Start again; it is made anew from the release.")
        return IndexUnusable(path=self._database.name, detail="it was deleted", way_out=way_out)
