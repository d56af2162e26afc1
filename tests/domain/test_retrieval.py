"""Is the fusion of rankings bounded, monotone, and fair to a ranking that stands alone?"""

from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.retrieval import best, fuse, min_max

SCORES = st.floats(-100, 100)
RANKINGS = st.dictionaries(st.sampled_from("abcdefgh"), SCORES, max_size=8)
SCALED = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1), max_size=8)


@given(RANKINGS, SCORES, SCORES)
def test_scaled_scores_lie_between_0_and_1_in_their_order(ranking, lowest, highest):
    scaled = min_max(ranking, lowest, highest)
    assert scaled.keys() == ranking.keys()
    assert all(0 <= score <= 1 for score in scaled.values())
    by_score = sorted(ranking, key=ranking.__getitem__)
    assert [scaled[name] for name in by_score] == sorted(scaled.values())


def test_the_bounds_of_the_index_count_not_those_of_the_candidates():
    assert min_max({"a": 2.0, "b": 4.0}, 0.0, 8.0) == {"a": 0.25, "b": 0.5}
    assert min_max({"a": 2.0}, 2.0, 2.0) == {"a": 0.0}


@given(st.lists(SCALED, max_size=4))
def test_fused_scores_lie_between_the_worst_and_the_best_of_their_parts(rankings):
    fused = fuse(rankings)
    spoken = [ranking for ranking in rankings if any(ranking.values())]
    assert fused.keys() == {name for ranking in spoken for name in ranking}
    for name, score in fused.items():
        parts = [ranking.get(name, 0.0) for ranking in spoken]
        assert min(parts) - 1e-9 <= score <= max(parts) + 1e-9


@given(st.lists(SCALED.filter(lambda ranking: any(ranking.values())), min_size=1, max_size=4), st.data())
def test_a_better_score_never_makes_a_passage_worse(rankings, data):
    which = data.draw(st.integers(0, len(rankings) - 1))
    name = data.draw(st.sampled_from(sorted(rankings[which])))
    before = fuse(rankings)
    better = data.draw(st.floats(rankings[which][name], 1))
    after = fuse([*rankings[:which], {**rankings[which], name: better}, *rankings[which + 1 :]])
    assert after[name] >= before[name]
    assert all(after[other] == before[other] for other in before if other != name)


@given(SCALED)
def test_a_ranking_alone_keeps_its_scores(ranking):
    expected = ranking if any(ranking.values()) else {}
    assert fuse([ranking]) == fuse([{}, ranking]) == fuse([ranking, dict.fromkeys(ranking, 0.0)]) == expected


def test_nothing_fused_is_nothing():
    assert fuse([]) == fuse([{}]) == {}


def test_equal_scores_are_ordered_by_name():
    assert best({"b": 0.5, "a": 0.5, "c": 0.9}, 2) == [("c", 0.9), ("a", 0.5)]
