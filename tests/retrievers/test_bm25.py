"""Are words weighted as BM25 says?"""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.retrievers.bm25 import postings


def test_weights_by_hand():
    texts = {4: ["a", "b", "a"], 9: ["a"], 7: ["c", "c", "c", "c"]}
    found = {
        each.stem: dict(zip(each.numbers.tolist(), each.weights.tolist(), strict=True)) for each in postings(texts)
    }
    average = 8 / 3
    rare, common = math.log(1 + 2.5 / 1.5), math.log(1 + 1.5 / 2.5)
    assert found["b"] == pytest.approx({4: rare * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 3 / average))})
    assert found["a"] == pytest.approx(
        {
            4: common * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / average)),
            9: common * 2.2 / (1 + 1.2 * (0.25 + 0.75 / average)),
        }
    )
    assert list(found) == ["a", "b", "c"]


@given(st.dictionaries(st.integers(0, 50), st.lists(st.sampled_from("abcdef"), max_size=20), max_size=20))
def test_every_word_weighs_something_where_it_stands_and_nowhere_else(texts):
    found = {each.stem: each for each in postings(texts)}
    assert set(found) == {stem for stems in texts.values() for stem in stems}
    for stem, each in found.items():
        assert each.numbers.tolist() == [number for number, stems in texts.items() if stem in stems]
        assert (each.weights > 0).all()


def test_nothing_has_no_words():
    assert list(postings({})) == list(postings({1: []})) == []
