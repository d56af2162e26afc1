"""Is an index in PostgreSQL made once, whole or not at all, and what is said when the server cannot serve it?"""

import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from leitstand.domain.errors import IndexUnusable, SettingInvalid
from leitstand.domain.retrieval import Query
from leitstand.ports import IndexPlace
from leitstand.retrievers.postgres import PostgresIndex
from leitstand.testing.postgres_server import PostgresServer, installations
from leitstand.testing.retriever_cases import BEST, GERMAN, PASSAGES, answers
from leitstand.testing.trigrams import Trigrams

QUESTION = Query(text="Drucker verbinden", language="de", limit=3)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path, postgres_database):
    return IndexPlace(folder=tmp_path, database_url=postgres_database)


@pytest.fixture(scope="module")
def own_server():
    with PostgresServer(settings={"extension_control_path": "/nowhere"}) as server:
        yield server


def rows(place, sql, *values):
    with psycopg.connect(place.database_url) as connection:
        asked = connection.execute(sql, values)
        return asked.fetchall() if asked.description else []


def test_texts_are_stemmed_in_their_own_language_and_compounds_have_their_parts(place):
    PostgresIndex(place, None).build(PASSAGES)
    found = {(row[0], row[1]) for row in rows(place, "SELECT language, lexeme FROM leitstand_index.words")}
    assert {("de", "druck"), ("de", "symbol"), ("de", "freiheit"), ("en", "printer"), ("en", "rotat")} <= found
    assert not found & {("de", "der"), ("en", "the"), ("en", "druck")}


def test_builders_at_once_embed_once(place):
    embedder = Trigrams()
    made = []
    builders = [
        threading.Thread(target=lambda: made.append(PostgresIndex(place, embedder).build(PASSAGES))) for _ in range(4)
    ]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert len(made) == 4
    assert len(embedder.asked) == len(PASSAGES)
    assert rows(place, "SELECT count(*) FROM leitstand_index.indexes") == [(1,)]


BUILD_AND_DIE = """
import os, sys
from pathlib import Path
from leitstand.ports import IndexPlace
from leitstand.retrievers import postgres_schema
from leitstand.retrievers.postgres import PostgresIndex
from leitstand.testing.retriever_cases import PASSAGES
from leitstand.testing.trigrams import Trigrams
def die(session, index, kind, vectors):
    os.kill(os.getpid(), 9)
postgres_schema._write_vectors = die
PostgresIndex(IndexPlace(folder=Path(sys.argv[1]), database_url=sys.argv[2]), Trigrams()).build(PASSAGES)
"""


def test_a_build_that_is_killed_leaves_nothing_and_holds_nobody_up(place):
    command = [sys.executable, "-c", BUILD_AND_DIE, str(place.folder), place.database_url]
    assert subprocess.run(command, cwd=ROOT, check=False, timeout=60).returncode == -9
    index = PostgresIndex(place, Trigrams())
    assert index.open(index.id_of(PASSAGES)) is None
    assert index.build(PASSAGES).search(QUESTION)
    assert rows(place, "SELECT count(*) FROM leitstand_index.indexes") == [(1,)]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM leitstand_index.passages WHERE number = 2",
        "UPDATE leitstand_index.passages SET passage = '{}' WHERE number = 2",
        "UPDATE leitstand_index.passages SET passage = (SELECT passage FROM leitstand_index.passages WHERE number = 1)",
        "UPDATE leitstand_index.indexes SET made_by = '0/15'",
        "DELETE FROM leitstand_index.indexes",
    ],
)
def test_what_is_not_as_it_was_made_is_made_anew(place, damage):
    index = PostgresIndex(place, Trigrams())
    made = index.build(PASSAGES)
    expected = answers(made)
    rows(place, damage)
    assert index.open(made.id) is None
    assert answers(index.build(PASSAGES)) == expected
    assert rows(place, "SELECT count(*) FROM leitstand_index.indexes") == [(1,)]


def test_an_index_that_is_deleted_under_way_is_a_clear_error(place):
    made = PostgresIndex(place, None).build(PASSAGES)
    rows(place, "DELETE FROM leitstand_index.indexes")
    with pytest.raises(IndexUnusable, match=r"it was deleted\. Start again; it is made anew from the release\."):
        made.search(QUESTION)


def test_an_index_that_another_process_makes_anew_is_searched_on(place):
    index = PostgresIndex(place, Trigrams())
    made = index.build(PASSAGES)
    expected = answers(made)
    rows(place, "DROP SCHEMA leitstand_index CASCADE")
    index.build(GERMAN)  # takes the number that ours had
    with pytest.raises(IndexUnusable, match="it was deleted"):
        made.search(QUESTION)
    index.build(PASSAGES)
    assert answers(made) == expected


def test_whoever_may_only_read_searches_what_others_made(place):
    made = PostgresIndex(place, Trigrams()).build(PASSAGES)
    for statement in (
        "DROP ROLE IF EXISTS reading",
        "CREATE ROLE reading LOGIN",
        "GRANT USAGE ON SCHEMA leitstand_index TO reading",
        "GRANT SELECT ON ALL TABLES IN SCHEMA leitstand_index TO reading",
    ):
        rows(place, statement)
    reading = IndexPlace(folder=place.folder, database_url=place.database_url.replace("postgres@", "reading@"))
    index = PostgresIndex(reading, Trigrams())
    assert answers(index.build(PASSAGES)) == answers(made)
    with pytest.raises(IndexUnusable, match="permission denied"):
        index.build(GERMAN)
    rows(place, "DROP OWNED BY reading")


def test_without_pgvector_words_are_searched_and_vectors_are_a_clear_error(tmp_path, own_server):
    place = IndexPlace(folder=tmp_path, database_url=own_server.database())
    assert PostgresIndex(place, None).build(PASSAGES).search(QUESTION)[0].passage.id == "de0"
    with pytest.raises(IndexUnusable, match=r'Install pgvector .* CREATE EXTENSION vector .*embedder = "none"'):
        PostgresIndex(place, Trigrams()).build(PASSAGES)


@pytest.mark.parametrize("version", installations())
def test_every_version_searches_words(version, tmp_path):
    with PostgresServer(version) as server:
        place = IndexPlace(folder=tmp_path, database_url=server.url())
        found = answers(PostgresIndex(place, None).build(PASSAGES))
    assert [hits[0][0] for hits in found] == [expected for _, _, expected in BEST]


def test_a_restarted_server_is_asked_again_and_one_that_is_gone_is_a_clear_error(tmp_path, own_server):
    url = own_server.database().replace("postgres@", "postgres:hidden@")
    made = PostgresIndex(IndexPlace(folder=tmp_path, database_url=url), None).build(PASSAGES)
    expected = answers(made)
    for how in ("fast", "immediate"):
        own_server.restart(how)
        assert answers(made) == expected
    own_server.stop()
    try:
        with pytest.raises(IndexUnusable, match="LEITSTAND_DATABASE_URL") as failed:
            made.search(QUESTION)
        assert "hidden" not in str(failed.value)
        with pytest.raises(IndexUnusable, match="LEITSTAND_DATABASE_URL"):
            PostgresIndex(IndexPlace(folder=tmp_path, database_url=url + "2"), None).open("0" * 64)
    finally:
        own_server.start()


def test_a_server_that_only_reads_still_searches(tmp_path, own_server):
    place = IndexPlace(folder=tmp_path, database_url=own_server.database())
    made = PostgresIndex(place, None).build(PASSAGES)
    own_server.read_only(True)
    try:
        assert answers(PostgresIndex(place, None).build(PASSAGES)) == answers(made)
    finally:
        own_server.read_only(False)


def test_the_address_is_asked_for(tmp_path):
    with pytest.raises(SettingInvalid, match="LEITSTAND_DATABASE_URL"):
        PostgresIndex(IndexPlace(folder=tmp_path), None)


def test_without_the_driver_the_extra_is_named():
    program = (
        "import sys; sys.modules['asyncpg'] = None\n"
        "from leitstand.domain.errors import ExtensionMissing\n"
        "from leitstand.plugins import find\n"
        "try:\n    find('retrievers', 'postgres')\nexcept ExtensionMissing as error:\n    print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert "pip install 'leitstand[postgres]'" in said
