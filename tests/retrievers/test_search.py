"""Does a question find what a reader would call the answer, in its own language first?"""

import json
import threading
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.retrievers.texts import ENGLISH, GERMAN, Trigrams, passage

from leitstand.domain.retrieval import Query
from leitstand.ports import IndexPlace
from leitstand.retrievers.sqlite import SqliteIndex


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    return SqliteIndex(IndexPlace(folder=tmp_path_factory.mktemp("both")), Trigrams()).build(GERMAN + ENGLISH)


@pytest.fixture(scope="module")
def words_only(tmp_path_factory):
    return SqliteIndex(IndexPlace(folder=tmp_path_factory.mktemp("words")), None).build(GERMAN + ENGLISH)


def found(retriever, text, language="de", limit=5):
    return [hit.passage.id for hit in retriever.search(Query(text=text, language=language, limit=limit))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Verbindungen zu Druckern", "p1"),
        ("Symbole", "p2"),
        ("Bildschirm drehen", "p3"),
        ("gedrehter Bildschirm", "p3"),
        ("Belegungen", "p4"),
    ],
)
def test_words_are_found_in_every_form(words_only, text, expected):
    assert found(words_only, text)[0] == expected


def test_parts_of_a_compound_find_it_and_it_finds_its_parts(tmp_path):
    passages = (
        passage(1, "Ein Netzwerkdrucker steht im Flur."),
        passage(2, "Das Netzwerk ist schnell."),
        passage(3, "Der Drucker ist langsam."),
        passage(4, "Nichts davon."),
    )
    retriever = SqliteIndex(IndexPlace(folder=tmp_path), None).build(passages)
    assert found(retriever, "Drucker")[:2] == ["p3", "p1"]
    assert set(found(retriever, "Netzwerkdrucker")) == {"p1", "p2", "p3"}


def test_headings_are_searched(words_only):
    assert found(words_only, "Printer", "en") == ["p11"]


def test_words_of_another_language_are_not_taken_for_ones_own(words_only):
    assert found(words_only, "settings", "de") == []
    assert found(words_only, "settings", "en") == ["p12"]


def test_a_question_in_an_unknown_language_is_looked_up_in_all(words_only):
    assert found(words_only, "settings", "") == ["p12"]
    assert found(words_only, "Einstellungen", "") == ["p3"]


def test_ones_own_language_comes_first_and_the_other_is_still_there(both):
    ids = found(both, "Printer: is the printer connected over the wireless network?", "en")
    assert ids[0] == "p11"
    assert "p1" in found(both, "Drucker WLAN verbunden", "en")


def test_a_language_that_the_sources_do_not_speak_is_searched_by_vectors(tmp_path):
    retriever = SqliteIndex(IndexPlace(folder=tmp_path), Trigrams()).build(ENGLISH)
    hits = retriever.search(Query(text="Screens rotated settings", language="de", limit=2))
    assert [hit.passage.id for hit in hits][:1] == ["p12"]
    assert hits[0].score > 0.5


def test_a_page_lifts_its_passages(tmp_path):
    passages = (
        passage(1, "Drucker einrichten. Farbe, Papier und Treiber wählen.", source="drucken"),
        passage(2, "Danach auf Senden klicken.", source="drucken"),
        passage(3, "Danach auf Senden klicken.", source="mail"),
        passage(4, "Post lesen.", source="mail"),
    )
    ids = found(SqliteIndex(IndexPlace(folder=tmp_path), None).build(passages), "Drucker: auf Senden klicken")
    assert ids.index("p2") < ids.index("p3")


def test_the_limit_counts_and_scores_fall(both):
    hits = both.search(Query(text="Drucker im Netzwerk", language="de", limit=3))
    assert len(hits) == 3
    assert all(0 < after.score <= before.score <= 1 for before, after in pairwise(hits))
    assert both.search(Query(text="Drucker im Netzwerk", language="de", limit=2)) == hits[:2]


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_no_question_finds_nothing(both, text):
    assert both.search(Query(text=text, language="de", limit=5)) == ()


def test_words_that_nobody_wrote_find_nothing_by_words(words_only):
    assert found(words_only, "Quarzuhr 4711") == []


@given(text=st.text(max_size=200) | st.just('" OR * NEAR( ) ^ - : {a b}') | st.just("x" * 100_000))
def test_any_text_is_a_question(both, text):
    hits = both.search(Query(text=text, language="de", limit=4))
    assert len(hits) <= 4
    assert all(0 < hit.score <= 1 for hit in hits)


def test_threads_get_the_answers_of_one(both):
    questions = ["Drucker", "Symbol", "Bildschirm", "Tastatur"] * 25
    expected = [found(both, text) for text in questions]
    answers = {}
    threads = [
        threading.Thread(target=lambda turn=turn: answers.update({turn: [found(both, text) for text in questions]}))
        for turn in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[turn] for turn in range(4)] == [expected] * 4


def test_passages_come_back_as_they_went_in(both):
    stored = {hit.passage for hit in both.search(Query(text="Drucker", language="de", limit=50))}
    assert stored <= set(GERMAN + ENGLISH)
    assert json.dumps(sorted(hit.id for hit in stored))
