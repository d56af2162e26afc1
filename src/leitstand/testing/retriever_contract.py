"""Does a retriever find what a reader would call the answer, whatever is asked? Inherit this and name your kind.

    class TestMine(RetrieverContract):
        kind = "mine"

        @pytest.fixture
        def place(self, tmp_path):
            return IndexPlace(folder=tmp_path)

``kind`` is the name of the extension; ``place`` is empty at first. ``SharedIndexContract`` holds besides for kinds
whose indexes several processes use at once.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import pairwise, product

from leitstand.domain.retrieval import Query
from leitstand.ports import Embedder, Index, IndexPlace, Retriever
from leitstand.testing.retriever_cases import BEST, ENGLISH, GERMAN, HOSTILE, PASSAGES, STRANGE, answers, index_of
from leitstand.testing.trigrams import Trigrams


def _found(retriever: Retriever, text: str, language: str = "de", limit: int = 5) -> list[str]:
    return [hit.passage.id for hit in retriever.search(Query(text=text, language=language, limit=limit))]


def _ran_in(place: IndexPlace, kind: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "leitstand.testing.retriever_cases", kind, str(place.folder)]
    return subprocess.Popen(  # noqa: S603
        [*command, place.database_url, place.qdrant_url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _said_by(process: "subprocess.Popen[str]") -> dict[str, object]:
    out, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, complaint
    said: dict[str, object] = json.loads(out)
    return said


class _Kind:
    kind: str

    def index(self, place: IndexPlace, embedder: Embedder | None) -> Index:
        return index_of(self.kind, place, embedder)


class RetrieverContract(_Kind):
    """What holds for every kind of index."""

    def test_words_are_found_in_every_form(self, place: IndexPlace) -> None:
        for embedder in (None, Trigrams()):
            retriever = self.index(place, embedder).build(PASSAGES)
            for text, language, expected in BEST:
                assert _found(retriever, text, language)[0] == expected

    def test_parts_of_a_compound_find_it(self, place: IndexPlace) -> None:
        passages = tuple(passage for passage in GERMAN if passage.id != "de0")
        assert _found(self.index(place, None).build(passages), "Freiheit der Symbole")[0] == "de1"

    def test_ones_own_language_comes_first_and_the_other_is_still_there(self, place: IndexPlace) -> None:
        retriever = self.index(place, Trigrams()).build(PASSAGES)
        ids = _found(retriever, "printer connected over the wireless network", "en", limit=8)
        assert ids[0] == "en0"
        assert {name[:2] for name in ids} == {"de", "en"}

    def test_without_vectors_only_ones_own_language_is_searched(self, place: IndexPlace) -> None:
        retriever = self.index(place, None).build(PASSAGES)
        assert _found(retriever, "settings", "de") == []
        assert _found(retriever, "settings", "en") == ["en1"]
        assert _found(retriever, "settings", "") == ["en1"]
        assert _found(retriever, "Einstellungen", "") == ["de2"]

    def test_a_language_that_the_sources_do_not_speak_is_searched_by_vectors(self, place: IndexPlace) -> None:
        hits = (
            self.index(place, Trigrams())
            .build(ENGLISH)
            .search(Query(text="Screens rotated settings", language="de", limit=2))
        )
        assert hits[0].passage.id == "en1"
        assert hits[0].score > 0.5

    def test_the_limit_counts_and_scores_fall(self, place: IndexPlace) -> None:
        retriever = self.index(place, Trigrams()).build(PASSAGES)
        hits = retriever.search(Query(text="Drucker im Netzwerk", language="de", limit=3))
        assert len(hits) == 3
        assert all(0 < after.score <= before.score <= 1 for before, after in pairwise(hits))
        assert retriever.search(Query(text="Drucker im Netzwerk", language="de", limit=2)) == hits[:2]

    def test_no_question_and_no_passages_find_nothing(self, place: IndexPlace) -> None:
        retriever = self.index(place, Trigrams()).build(PASSAGES)
        assert [_found(retriever, text) for text in ("", "   ", "\n")] == [[], [], []]
        assert _found(self.index(place, Trigrams()).build(()), "Drucker") == []
        assert _found(self.index(place, None).build(PASSAGES), "Quarzuhr 4711") == []

    def test_any_text_is_a_question(self, place: IndexPlace) -> None:
        for embedder in (None, Trigrams()):
            retriever = self.index(place, embedder).build(PASSAGES)
            before = answers(retriever)
            for text, language in product(HOSTILE, ("de", "en", "", "xx")):
                hits = retriever.search(Query(text=text, language=language, limit=4))
                assert len(hits) <= 4
                assert all(0 < hit.score <= 1 for hit in hits)
            assert answers(retriever) == before

    def test_any_text_is_a_passage_and_comes_back_as_it_went_in(self, place: IndexPlace) -> None:
        made = self.index(place, Trigrams()).build(STRANGE)
        hits = made.search(Query(text="Drucker", language="de", limit=50))
        assert {hit.passage for hit in hits} <= set(STRANGE)
        again = self.index(place, Trigrams()).open(made.id)
        assert again is not None
        assert again.search(Query(text="Drucker", language="de", limit=50)) == hits

    def test_the_id_covers_passages_and_embedder_and_not_the_place(self, place: IndexPlace) -> None:
        index = self.index(place, Trigrams())
        others = {index.id_of(GERMAN), index.id_of(GERMAN[::-1]), index.id_of(GERMAN[1:]), index.id_of(())}
        others |= {self.index(place, each).id_of(GERMAN) for each in (None, Trigrams("trigrams:2"))}
        assert len(others) == 6
        moved = IndexPlace(
            folder=place.folder / "elsewhere", database_url=place.database_url, qdrant_url=place.qdrant_url
        )
        assert self.index(moved, Trigrams()).id_of(GERMAN) == index.id_of(GERMAN)

    def test_an_index_is_made_once_and_found_by_its_id(self, place: IndexPlace) -> None:
        embedder = Trigrams()
        index = self.index(place, embedder)
        assert index.open(index.id_of(PASSAGES)) is None
        made = index.build(PASSAGES)
        asked = len(embedder.asked)
        assert asked == len(PASSAGES)
        again = index.open(made.id)
        assert again is not None
        assert made.id == again.id == index.build(PASSAGES).id == index.id_of(PASSAGES)
        assert answers(made) == answers(again)
        assert len(embedder.asked) == asked

    def test_indexes_lie_side_by_side(self, place: IndexPlace) -> None:
        index = self.index(place, Trigrams())
        german, english, words = index.build(GERMAN), index.build(ENGLISH), self.index(place, None).build(GERMAN)
        for retriever, passages in ((german, GERMAN), (english, ENGLISH), (words, GERMAN)):
            for text, language, _ in BEST:
                ids = set(_found(retriever, text, language, limit=50))
                assert ids <= {passage.id for passage in passages}
        assert _found(german, "Bildschirm drehen")[0] == _found(words, "Bildschirm drehen")[0] == "de2"

    def test_threads_get_the_answers_of_one(self, place: IndexPlace) -> None:
        retriever = self.index(place, Trigrams()).build(PASSAGES)
        expected = answers(retriever)
        assert _at_once(4, lambda: [answers(retriever) for _ in range(5)]) == [[expected] * 5] * 4

    def test_builders_at_once_build_one_index(self, place: IndexPlace) -> None:
        made = _at_once(4, lambda: answers(self.index(place, Trigrams()).build(PASSAGES)))
        assert made == [made[0]] * 4

    def test_another_process_gets_the_same_answers(self, place: IndexPlace) -> None:
        first, second = _said_by(_ran_in(place, self.kind)), _said_by(_ran_in(place, self.kind))
        assert (first["embedded"], second["embedded"]) == (len(PASSAGES), 0)
        assert {name: first[name] for name in ("id", "answers")} == {name: second[name] for name in ("id", "answers")}
        mine = self.index(place, Trigrams()).build(PASSAGES)
        assert json.loads(json.dumps([mine.id, answers(mine)])) == [first["id"], first["answers"]]


class SharedIndexContract(_Kind):
    """What holds besides when several processes use the indexes of one place at once."""

    def test_processes_that_build_at_once_build_one_index(self, place: IndexPlace) -> None:
        said = [_said_by(process) for process in [_ran_in(place, self.kind) for _ in range(2)]]
        mine = self.index(place, Trigrams()).open(str(said[0]["id"]))
        assert mine is not None
        expected = json.loads(json.dumps([mine.id, answers(mine)]))
        assert [[each["id"], each["answers"]] for each in said] == [expected] * 2


def _at_once(many: int, work: Callable[[], object]) -> list[object]:
    done: list[object] = []
    threads = [threading.Thread(target=lambda: done.append(work())) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done
