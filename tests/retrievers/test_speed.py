"""Does a question over ten thousand passages take at most thirty milliseconds of one core?"""

import json
import random
import statistics
import time
from pathlib import Path

import numpy as np
import pytest

from leitstand.domain.retrieval import Passage, Query
from leitstand.ports import IndexPlace
from leitstand.retrievers.embedders.usem3 import Usem3
from leitstand.retrievers.sqlite import SqliteIndex

DATA = Path(__file__).parents[1] / "data" / "retrieval"


class Scattered:
    """Real vectors for questions, random ones for passages: what is measured is the search."""

    id = "scattered:1"

    def __init__(self):
        self._model = Usem3()
        self._chance = np.random.default_rng(7)

    def embed(self, texts, *, query):
        if query:
            return self._model.embed(texts, query=True)
        vectors = self._chance.standard_normal((len(texts), 512), dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def lines(name):
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


@pytest.mark.alone
def test_ten_thousand_passages(tmp_path):
    chance = random.Random(7)
    said = {
        code: [s for page in lines(f"help_{code}/corpus.jsonl") for s in page["text"].split(". ")]
        for code in ("de", "en")
    }
    passages = tuple(
        Passage(
            id=f"p{number}",
            source=f"s{number // 4}",
            title="",
            text=". ".join(chance.choices(said[code], k=6)),
            language=code,
        )
        for number in range(10_000)
        for code in [("de", "en")[number // 4 % 2]]
    )
    retriever = SqliteIndex(IndexPlace(folder=tmp_path), Scattered()).build(passages)
    questions = [(code, entry["query"]) for code in ("de", "en") for entry in lines(f"help_{code}/queries.jsonl")]
    taken = []
    for code, text in questions:
        began = time.process_time()
        assert len(retriever.search(Query(text=text, language=code, limit=5))) == 5
        taken.append(time.process_time() - began)
    assert statistics.quantiles(taken, n=20)[18] <= 0.030
