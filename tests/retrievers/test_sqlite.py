"""Is an index made once, from nothing but its inputs, whole or not at all, and made anew when it is broken?"""

import gc
import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.retrievers.texts import ENGLISH, GERMAN, Trigrams, passage

from leitstand.domain.errors import IndexUnusable
from leitstand.domain.retrieval import Passage, Query
from leitstand.ports import IndexPlace
from leitstand.retrievers import index_inputs
from leitstand.retrievers.sqlite import VECTORS, SqliteIndex
from leitstand.retrievers.vector_cache import embedded

QUESTION = Query(text="Drucker verbinden", language="de", limit=3)


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_id_covers_every_input(tmp_path):
    index = SqliteIndex(IndexPlace(folder=tmp_path), Trigrams())
    changed = [
        GERMAN[1:],
        (GERMAN[1], GERMAN[0], *GERMAN[2:]),
        *[(replace(GERMAN[0], **{name: "x"}), *GERMAN[1:]) for name in ("id", "source", "title", "text", "language")],
    ]
    ids = {index.id_of(passages) for passages in [GERMAN, *changed]}
    ids |= {SqliteIndex(IndexPlace(folder=tmp_path), other).id_of(GERMAN) for other in (None, Trigrams("trigrams:2"))}
    assert len(ids) == len(changed) + 3
    assert index.id_of(GERMAN) == SqliteIndex(IndexPlace(folder=tmp_path / "elsewhere"), Trigrams()).id_of(
        tuple(GERMAN)
    )


def test_an_index_is_found_again_by_its_id(tmp_path):
    index = SqliteIndex(IndexPlace(folder=tmp_path / "indexes"), Trigrams())
    made = index.build(GERMAN)
    found = index.open(made.id)
    assert made.id == found.id == index.id_of(GERMAN)
    assert made.search(QUESTION) == found.search(QUESTION)
    assert files(tmp_path / "indexes") == [f"{made.id}.db", VECTORS]


def test_passages_stay_in_the_file_until_they_are_found(tmp_path):
    texts = [f"Abschnitt {number} handelt vom Drucker." for number in range(400)]
    made = SqliteIndex(IndexPlace(folder=tmp_path), None).build(tuple(passage(str(n), t) for n, t in enumerate(texts)))

    def in_memory():
        gc.collect()
        return sum(isinstance(each, Passage) and each.text in texts for each in gc.get_objects())

    assert in_memory() == 0
    hits = made.search(QUESTION)
    assert [hit.passage.text in texts for hit in hits] == [True] * 3
    assert in_memory() == 3


def test_what_is_not_there_is_not_found(tmp_path):
    assert SqliteIndex(IndexPlace(folder=tmp_path), None).open("0" * 64) is None


def test_a_changed_page_embeds_only_its_own_passages(tmp_path):
    embedder = Trigrams()
    SqliteIndex(IndexPlace(folder=tmp_path), embedder).build(GERMAN)
    assert len(embedder.asked) == len(GERMAN)
    embedder.asked.clear()
    changed = (*GERMAN[:2], replace(GERMAN[2], id="new", text="Neu."), GERMAN[3])
    retriever = SqliteIndex(IndexPlace(folder=tmp_path), embedder).build(changed)
    assert embedder.asked == ["Neu."]
    fresh = SqliteIndex(IndexPlace(folder=tmp_path / "fresh"), Trigrams()).build(changed)
    assert retriever.search(QUESTION) == fresh.search(QUESTION)


def test_an_index_that_is_there_is_not_made_again(tmp_path):
    embedder = Trigrams()
    made = SqliteIndex(IndexPlace(folder=tmp_path), embedder).build(GERMAN)
    (tmp_path / VECTORS).unlink()
    before = (tmp_path / f"{made.id}.db").stat().st_mtime_ns
    embedder.asked.clear()
    SqliteIndex(IndexPlace(folder=tmp_path), embedder).build(GERMAN)
    assert embedder.asked == []
    assert (tmp_path / f"{made.id}.db").stat().st_mtime_ns == before


def test_vectors_of_two_embedders_stay_apart(tmp_path):
    small, large = Trigrams("a:1", 32), Trigrams("b:1", 48)
    shapes = [embedded(tmp_path / VECTORS, ["x", "y"], each).shape for each in (small, large, small)]
    assert shapes == [(2, 32), (2, 48), (2, 32)]
    assert sorted(small.asked) == ["x", "y"]


def truncated(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def scrambled(file):
    content = bytearray(file.read_bytes())
    content[100:4000] = os.urandom(3900)
    file.write_bytes(content)


def emptied(file):
    file.write_bytes(b"")


def text_instead(file):
    file.write_text("this is no database")


def vectors_changed(file):
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE vectors SET numbers = zeroblob(length(numbers))")
    connection.close()


def of_another_version(file):
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE about SET value = '0/0' WHERE key = 'made_by'")
    connection.close()


@pytest.mark.parametrize("damage", [truncated, scrambled, emptied, text_instead, vectors_changed, of_another_version])
def test_a_damaged_index_is_made_anew(tmp_path, damage):
    index = SqliteIndex(IndexPlace(folder=tmp_path), Trigrams())
    made = index.build(GERMAN)
    before = made.search(QUESTION)
    damage(tmp_path / f"{made.id}.db")
    assert index.open(made.id) is None
    assert index.build(GERMAN).search(QUESTION) == before
    assert index.open(made.id) is not None


@pytest.mark.parametrize("damage", [truncated, scrambled, emptied, text_instead])
def test_a_damaged_cache_of_vectors_is_made_anew(tmp_path, damage):
    embedder = Trigrams()
    before = embedded(tmp_path / VECTORS, ["x", "y"], embedder)
    damage(tmp_path / VECTORS)
    assert (embedded(tmp_path / VECTORS, ["x", "y"], embedder) == before).all()


def test_an_index_under_another_name_is_not_used(tmp_path):
    index = SqliteIndex(IndexPlace(folder=tmp_path), None)
    made = index.build(GERMAN)
    (tmp_path / f"{made.id}.db").rename(tmp_path / f"{'0' * 64}.db")
    assert index.open("0" * 64) is None


def test_a_file_that_breaks_under_way_is_a_clear_error(tmp_path):
    passages = tuple(passage(number, f"Wort{number} {'x' * 5000}") for number in range(1000))
    made = SqliteIndex(IndexPlace(folder=tmp_path), None).build(passages)
    file = tmp_path / f"{made.id}.db"
    file.write_bytes(os.urandom(file.stat().st_size))  # more than SQLite keeps in memory
    with pytest.raises(IndexUnusable, match=r"Delete the file and start again"):
        made.search(Query(text="Wort7", language="de", limit=3))


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path):
    (tmp_path / "indexes").write_text("a file where the folder should be")
    with pytest.raises(IndexUnusable, match=r"indexes.*Check free space and permissions"):
        SqliteIndex(IndexPlace(folder=tmp_path / "indexes"), Trigrams()).build(GERMAN)


BUILD_AND_DIE = """
import os, sys
from pathlib import Path
from leitstand.ports import IndexPlace
from leitstand.retrievers import index_file
from leitstand.retrievers.sqlite import SqliteIndex
from tests.retrievers.texts import GERMAN
def die(path):
    os.kill(os.getpid(), 9)
index_file._sync = die
SqliteIndex(IndexPlace(folder=Path(sys.argv[1])), None).build(GERMAN)
"""


def test_a_build_that_is_killed_leaves_nothing_that_is_taken_for_an_index(tmp_path):
    root = Path(__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", BUILD_AND_DIE, str(tmp_path)], cwd=root, check=False, timeout=60)
    assert ended.returncode == -9
    assert len(files(tmp_path)) == 1
    assert files(tmp_path)[0].endswith(".unfinished")
    index = SqliteIndex(IndexPlace(folder=tmp_path), None)
    assert index.open(index.id_of(GERMAN)) is None
    assert index.build(GERMAN).search(QUESTION)


def test_what_a_killed_build_left_is_cleared_away_in_time(tmp_path):
    old, fresh = tmp_path / "a.0.unfinished", tmp_path / "b.0.unfinished"
    old.touch()
    fresh.touch()
    os.utime(old, (0, 0))
    SqliteIndex(IndexPlace(folder=tmp_path), None).build(GERMAN)
    assert not old.exists()
    assert fresh.exists()


def test_a_build_that_ends_while_another_clears_away_disturbs_nobody(tmp_path):
    (tmp_path / "a.0.unfinished").symlink_to(tmp_path / "renamed meanwhile")
    assert SqliteIndex(IndexPlace(folder=tmp_path), None).build(GERMAN).search(QUESTION)


def test_several_builds_at_once_give_one_index(tmp_path):
    made = []
    builders = [
        threading.Thread(target=lambda: made.append(SqliteIndex(IndexPlace(folder=tmp_path), Trigrams()).build(GERMAN)))
        for _ in range(4)
    ]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert len({each.search(QUESTION) for each in made}) == 1
    assert len(files(tmp_path)) == 2


def test_no_passages_give_an_index_that_finds_nothing(tmp_path):
    assert SqliteIndex(IndexPlace(folder=tmp_path), Trigrams()).build(()).search(QUESTION) == ()


def test_pages_hold_neighbours_of_one_source_and_language(monkeypatch):
    monkeypatch.setattr(index_inputs, "PAGE_CHARS", 10)
    passages = [
        passage(1, "12345", source="a"),
        passage(2, "12345", source="a"),
        passage(3, "1", source="a"),
        passage(4, "x" * 30, source="b"),
        passage(5, "1", source="b"),
        passage(6, "1", source="b", language="en"),
    ]
    assert index_inputs.pages_of(passages) == (0, 0, 1, 2, 3, 4)
    assert index_inputs.pages_of([*GERMAN, *ENGLISH]) == (0, 1, 2, 3, 4, 5)
