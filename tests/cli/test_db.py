"""Do the commands for the tables of a database say where they stand, in both languages, with the settled exit codes?"""

import re
import sqlite3
from contextlib import closing

from leitstand.stores.schema_steps import steps


def test_a_sqlite_file_from_nothing_to_upgraded(leitstand, tmp_path):
    newest = len(steps("sqlite"))
    empty = leitstand("db", "status", "--data", tmp_path / "data", "--json")
    assert (empty.code, empty.data["version"], len(empty.data["pending"])) == (0, 0, newest)
    made = leitstand("db", "upgrade", "--data", tmp_path / "data")
    assert (made.code, made.err) == (0, f"schema 0 is now {newest}\n")
    again = leitstand("db", "upgrade", "--data", tmp_path / "data", language="de")
    assert (again.code, again.err) == (0, f"nichts zu tun: Schema {newest}\n")
    sound = leitstand("db", "check", "--data", tmp_path / "data", language="de")
    assert (sound.code, sound.out, sound.err) == (0, "", "Die Datenbank ist, wie sie sein soll.\n")
    with closing(sqlite3.connect(tmp_path / "data" / "leitstand.db")) as connection:
        connection.execute("PRAGMA user_version = 9000")
    newer = leitstand("db", "status", "--data", tmp_path / "data")
    assert newer.code == 15
    assert "schema has version 9000" in newer.err


def test_postgresql_is_named_by_its_address(leitstand, tmp_path, postgres_database, postgres_server):
    settings = {"LEITSTAND_DATABASE_URL": postgres_database}
    asked = ("--data", tmp_path / "data")
    assert leitstand("db", "check", *asked, settings=settings).code == 15
    assert leitstand("db", "upgrade", *asked, settings=settings).code == 0
    assert re.fullmatch(r"schema (\d+), newest \1\n", leitstand("db", "status", *asked, settings=settings).out)
    assert leitstand("db", "check", *asked, settings=settings).code == 0
    name = postgres_database.rpartition("/")[2]
    postgres_server.sql("INSERT INTO events_default VALUES ('t', 'no month', 1, '')", database=name)
    found = leitstand("db", "check", *asked, settings=settings, language="de")
    assert (found.code, "liegen in keinem Monat" in found.out) == (15, True)
