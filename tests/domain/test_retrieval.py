"""How do rankings become one?"""

from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.retrieval import best, fuse, min_max

scores = st.floats(-1e6, 1e6, allow_nan=False)
rankings = st.dictionaries(st.sampled_from("abcdefgh"), scores, max_size=8)
shares = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1), max_size=8)


def test_scores_are_mapped_to_the_spread_of_the_index_and_clipped() -> None:
    assert min_max({"a": 5.0, "b": 10.0, "c": 99.0, "d": -3.0}, 0.0, 10.0) == {"a": 0.5, "b": 1.0, "c": 1.0, "d": 0.0}


def test_without_a_spread_nothing_is_better_than_anything() -> None:
    assert min_max({"a": 7.0, "b": 7.0}, 7.0, 7.0) == {"a": 0.0, "b": 0.0}


@given(rankings, scores, scores)
def test_mapping_keeps_the_order_within_zero_and_one(ranking: dict[str, float], one: float, other: float) -> None:
    mapped = min_max(ranking, min(one, other), max(one, other))
    assert mapped.keys() == ranking.keys()
    assert all(0.0 <= score <= 1.0 for score in mapped.values())
    assert all(mapped[a] <= mapped[b] for a in ranking for b in ranking if ranking[a] <= ranking[b])


def test_fusion_is_the_mean_in_which_the_unknown_counts_zero() -> None:
    assert fuse([{"a": 1.0, "b": 0.5}, {"a": 0.5, "c": 1.0}]) == {"a": 0.75, "b": 0.25, "c": 0.5}


def test_a_ranking_that_found_nothing_has_no_say() -> None:
    assert fuse([{"a": 0.0}, {"b": 0.8, "c": 0.4}]) == {"b": 0.8, "c": 0.4}
    assert fuse([{}, {"a": 0.0}]) == {}
    assert fuse([]) == {}


@given(st.lists(shares, max_size=3))
def test_fusion_stays_between_the_rankings_and_knows_no_strangers(given_rankings: list[dict[str, float]]) -> None:
    fused = fuse(given_rankings)
    for name, score in fused.items():
        assert 0.0 <= score <= max(ranking.get(name, 0.0) for ranking in given_rankings) + 1e-9


@given(shares)
def test_one_ranking_alone_is_not_changed(ranking: dict[str, float]) -> None:
    assert fuse([ranking]) == (ranking if any(ranking.values()) else {})


@given(rankings, st.integers(0, 10))
def test_the_best_are_the_highest_and_ties_go_by_name(ranking: dict[str, float], limit: int) -> None:
    chosen = best(ranking, limit)
    assert len(chosen) == min(limit, len(ranking))
    assert chosen == sorted(chosen, key=lambda item: (-item[1], item[0]))
    rest = ranking.keys() - dict(chosen).keys()
    assert all(ranking[name] <= score for name in rest for _, score in chosen)
