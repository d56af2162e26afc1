"""Is a Qdrant collection used only when it is whole, and what is said when there is no server, folder or package?"""

import subprocess
import sys

import pytest

from leitstand.domain.errors import IndexUnusable
from leitstand.domain.retrieval import Query
from leitstand.ports import IndexPlace
from leitstand.retrievers.qdrant import QdrantIndex, service
from leitstand.retrievers.sqlite import SqliteIndex
from leitstand.testing.retriever_cases import BEST, HOSTILE, PASSAGES, answers
from leitstand.testing.trigrams import Trigrams


def test_answers_are_those_of_an_index_file(tmp_path):
    place = IndexPlace(folder=tmp_path)
    for embedder in (None, Trigrams()):
        mine, theirs = QdrantIndex(place, embedder).build(PASSAGES), SqliteIndex(place, embedder).build(PASSAGES)
        for text in [*[text for text, _, _ in BEST], *HOSTILE]:
            query = Query(text=text, language="de", limit=8)
            assert [(hit.passage, pytest.approx(hit.score, abs=1e-5)) for hit in mine.search(query)] == [
                (hit.passage, hit.score) for hit in theirs.search(query)
            ]


def test_a_collection_that_is_not_whole_is_completed(tmp_path):
    place = IndexPlace(folder=tmp_path)
    index = QdrantIndex(place, Trigrams())
    made = index.build(PASSAGES)
    expected = answers(made)
    with service("", tmp_path).client() as client:
        client.delete(f"leitstand-{made.id}", points_selector=[3, 4])
    assert index.open(made.id) is None
    assert answers(index.build(PASSAGES)) == expected
    with service("", tmp_path).client() as client:
        client.overwrite_payload(f"leitstand-{made.id}", payload={"text": "x"}, points=[0])
    assert index.open(made.id) is None
    assert answers(index.build(PASSAGES)) == expected


def test_a_second_process_is_told_to_use_a_server(tmp_path):
    held = QdrantIndex(IndexPlace(folder=tmp_path), None).build(PASSAGES)
    program = (
        "import sys; from pathlib import Path\n"
        "from leitstand.domain.errors import IndexUnusable\n"
        "from leitstand.ports import IndexPlace\n"
        "from leitstand.retrievers.qdrant import QdrantIndex\n"
        "try:\n    QdrantIndex(IndexPlace(folder=Path(sys.argv[1])), None).build(())\n"
        "except IndexUnusable as error:\n    print(error)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "LEITSTAND_QDRANT_URL; without a server, one process at a time has the indexes" in said
    assert answers(held)


def test_a_server_that_does_not_answer_is_a_clear_error(tmp_path):
    place = IndexPlace(folder=tmp_path, qdrant_url="https://:hidden@127.0.0.1:1")
    with pytest.raises(IndexUnusable, match="Check the server and LEITSTAND_QDRANT_URL") as failed:
        QdrantIndex(place, None).open("0" * 64)
    assert "hidden" not in str(failed.value)


def test_without_the_package_the_extra_is_named():
    program = (
        "import sys; sys.modules['qdrant_client'] = None\n"
        "from leitstand.domain.errors import ExtensionMissing\n"
        "from leitstand.plugins import find\n"
        "try:\n    find('retrievers', 'qdrant')\nexcept ExtensionMissing as error:\n    print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert "pip install 'leitstand[qdrant]'" in said
