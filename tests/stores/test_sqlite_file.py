"""Is a file that cannot be worked with refused with what is wrong and what to do?"""

import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from leitstand.domain.errors import StoreUnusable
from leitstand.ports import CaseFilter
from leitstand.stores import sqlite_file
from leitstand.stores.schema_steps import Step, steps
from leitstand.stores.sqlite import open_readonly, open_store
from leitstand.stores.sqlite_file import APPLICATION_ID, SOUND, notices
from leitstand.testing.expectations import raised
from leitstand.testing.store_cases import TENANT, Opening, opened
from leitstand.testing.store_contract import now

IN_A_JOURNAL = b'"type":"case.accepted"'


def refusal(path, open_it=lambda path: open_store(path, address="", clock=now)):
    """What opening says; the file can be opened by the next one, for the lock is free again."""
    with pytest.raises(StoreUnusable) as caught:
        open_it(path)
    assert str(path.name) in str(caught.value)
    assert caught.value.values["way_out"]
    return caught.value.values["detail"]


async def filled(path, count=200):
    stores = open_store(path, address="", clock=now)
    for _ in range(count):
        await opened(stores.cases, Opening(at=now()), {"input": b"x" * 500})
    await stores.close()


async def test_the_folder_is_made_and_the_file_is_private(stores, path):
    for name in ("leitstand.db", "leitstand.db-wal", "leitstand.db-shm", "leitstand.db.lock"):
        assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600, name


async def test_the_writing_connection_is_durable_and_thorough(stores):
    connection = stores.cases._writer._connection
    settings = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}
    settings |= {"application_id": APPLICATION_ID, "user_version": steps("sqlite")[-1].version}
    assert {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in settings} == settings


@pytest.mark.parametrize(
    "content", [b"this is no database at all, only a text" * 100, b"\0" * 5000, b"SQLite format 3\0rubbish"]
)
def test_a_file_of_another_kind(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    assert "is not a database of Leitstand" in refusal(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    assert "belongs to another program" in refusal(path)
    assert "belongs to another program" in refusal(path, lambda path: open_readonly(path, clock=now))


async def test_a_newer_schema(path, sql):
    await filled(path, 1)
    sql("PRAGMA user_version = 9000")
    assert "schema has version 9000" in refusal(path)
    assert "schema has version 9000" in refusal(path, lambda path: open_readonly(path, clock=now))


def damage(path, marker):
    """Write over the beginning of every page that holds the marker."""
    whole = path.read_bytes()
    pages = [place for place in range(0, len(whole), 4096) if place and marker in whole[place : place + 4096]]
    assert pages
    with path.open("r+b") as file:
        for place in pages:
            file.seek(place)
            file.write(b"\xaa" * 64)


@pytest.mark.parametrize("marker", [b"", IN_A_JOURNAL])
async def test_a_corrupt_database_is_noticed_at_start(path, marker):
    await filled(path)
    whole = path.read_bytes()
    damage(path, marker)
    assert "corrupt" in refusal(path)
    path.write_bytes(whole)
    await open_store(path, address="", clock=now).close()


async def test_a_cut_off_database_is_noticed_at_start(path):
    await filled(path)
    path.write_bytes(path.read_bytes()[: 6 * 4096])
    assert "corrupt" in refusal(path)


async def test_damage_is_said_to_who_meets_it_and_to_nobody_else(path, monkeypatch):
    await filled(path)
    damage(path, IN_A_JOURNAL)
    monkeypatch.setattr(sqlite_file, "SMALL", 0)
    stores = open_store(path, address="", clock=now)
    rows = await stores.cases.find(TENANT, CaseFilter(limit=1000))
    error = await raised(StoreUnusable, stores.cases.events(TENANT, rows[-1].case.case_id))
    assert "it is corrupt" in str(error)
    assert len(rows) == 200
    assert await stores.cases.contents(TENANT, rows[-1].case.case_id) == {"input": b"x" * 500}
    await stores.close()


def test_a_folder_instead_of_a_file(path):
    path.mkdir(parents=True)
    assert "is a folder" in refusal(path)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert "its folder cannot be used" in refusal(tmp_path / "file" / "data" / "leitstand.db")


OPEN_AS_NOBODY = """
import os, pathlib, sys
from leitstand.domain.errors import StoreUnusable
from leitstand.stores.sqlite import open_store
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    open_store(pathlib.Path(sys.argv[1]), address="", clock=int)
except StoreUnusable as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("mode", "words"), [(0o555, "its folder is not writable for this user"), (0o600, "its folder cannot be used")]
)
def test_a_folder_that_may_not_be_used(mode, words):
    """Root may write everywhere and so becomes somebody else first, for whom the tests' own folder is closed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(mode)
        command = [sys.executable, "-c", OPEN_AS_NOBODY, f"{folder}/leitstand.db"]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        Path(folder).chmod(0o700)
    assert words in said


def test_reading_what_is_not_there(path):
    assert "there is none" in refusal(path, lambda path: open_readonly(path, clock=now))
    assert not path.parent.exists()


async def test_reading_does_not_bring_the_schema_forward(path, sql):
    await filled(path, 1)
    sql("PRAGMA user_version = 0")
    assert "older than this Leitstand reads" in refusal(path, lambda path: open_readonly(path, clock=now))
    assert sql("PRAGMA user_version") == [(0,)]


def test_a_migration_that_breaks_leaves_nothing_behind(path, monkeypatch):
    sound = steps("sqlite")
    next_version = len(sound) + 1
    text = "CREATE TABLE half (a); CREATE TABLE half (a);"
    broken = (*sound, Step(version=next_version, name="half", readable_from=next_version, text=text))
    monkeypatch.setattr(sqlite_file, "steps", lambda _: broken)
    with pytest.raises(RuntimeError, match="half"):
        open_store(path, address="", clock=now)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(sound)
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchall()


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_steps_of_a_schema_count_without_gaps(database):
    assert [step.version for step in steps(database)] == list(range(1, len(steps(database)) + 1))


async def test_every_table_knows_its_tenant(stores):
    connection = stores.cases._writer._connection
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert len(tables) > 10
    for table in tables:
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        assert "tenant_id" in {column[1] for column in columns}, table


def test_the_library_is_judged_by_its_version(monkeypatch, path):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", SOUND)
    assert notices() == ()
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    assert "older than 3.51.3" in str(notices()[0])
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 31, 1))
    assert "at least 3.37.0 is needed" in refusal(path)


async def test_a_copied_file_opens_elsewhere_with_its_key(path, tmp_path):
    await filled(path, 3)
    shutil.copytree(path.parent, tmp_path / "copy")
    await open_store(tmp_path / "copy" / "leitstand.db", address="", clock=now).close()
    shutil.rmtree(tmp_path / "copy" / "keys")
    assert "key of tenant default is missing" in _missing_key(tmp_path / "copy" / "leitstand.db")


def _missing_key(path):
    with pytest.raises(StoreUnusable) as caught:
        open_store(path, address="", clock=now)
    return str(caught.value)
