"""Does a database come forward step by step, and is one refused that this program does not know?"""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from leitstand.domain.errors import StoreOwned, StoreUnusable
from leitstand.ports import Database
from leitstand.runtime.ids import new_id
from leitstand.stores import postgres_heartbeat, postgres_schema, schema_steps
from leitstand.stores.postgres import own, read, schema
from leitstand.stores.postgres_months import AHEAD, first_id, make_months, months
from leitstand.stores.schema_steps import Step, steps
from leitstand.stores.sqlite import open_store
from leitstand.stores.sqlite_schema import SqliteSchema
from leitstand.testing.expectations import raised
from leitstand.testing.store_cases import NORMALISED, TENANT, Opening, appended, opened, then
from leitstand.testing.store_contract import now, stored

NOTES = "ALTER TABLE people ADD COLUMN note text NOT NULL DEFAULT '';"


@pytest.fixture
def next_step(monkeypatch):
    """Makes this program one that knows a further step."""

    def known(text, readable_from=None):
        version = len(steps("postgres")) + 1
        step = Step(version=version, name="next", readable_from=readable_from or version, text=text)
        further = (*steps("postgres"), step)
        for module in (postgres_schema, postgres_heartbeat):
            monkeypatch.setattr(module, "steps", lambda _: further)
        return version

    return known


async def test_many_processes_at_once_make_one_schema(database):
    stores = await asyncio.gather(*(own(database) for _ in range(6)))
    case = await opened(stores[0].cases, Opening(at=now()))
    assert [await one.cases.events(TENANT, case.case_id) for one in stores].count(()) == 0
    await asyncio.gather(*(one.close() for one in stores))


async def test_a_database_of_another_program_is_left_alone(database, pg):
    pg("CREATE TABLE bookmarks (url text)")
    for work in (own(database), read(database), schema(database).upgrade(), schema(database).status()):
        assert "tables of another program" in str(await raised(StoreUnusable, work))
    assert pg("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "1"


async def test_an_empty_database_is_not_read(database):
    assert "it is empty" in str(await raised(StoreUnusable, read(database)))
    assert (await schema(database).status()).version == 0


async def test_an_older_schema_is_upgraded_by_hand_with_its_data(database, pg, next_step):
    stores = await own(database)
    case = await appended(stores.cases, await opened(stores.cases, Opening(at=now())), now(), NORMALISED)
    await stores.close()
    version = next_step(NOTES, 1)
    for work in (own(database), read(database)):
        assert "leitstand db upgrade" in str(await raised(StoreUnusable, work))
    before = await schema(database).status()
    assert (before.version, before.newest, before.pending) == (version - 1, version, ("next",))
    assert await schema(database).upgrade() == before
    assert (await schema(database).upgrade()).pending == ()
    stores = await own(database)
    assert await stored(stores.cases, case) == case
    assert pg("SELECT version, readable_from FROM leitstand_schema ORDER BY version DESC LIMIT 1") == f"{version}|1"
    await stores.close()


async def test_processes_work_on_beside_a_step_that_only_adds(another, database, next_step, monkeypatch):
    with monkeypatch.context():
        stores = await another()
        case = await opened(stores.cases, Opening(at=now()))
        next_step(NOTES, 1)
        await schema(database).upgrade()
        case = await appended(stores.cases, case, now(), NORMALISED)
        assert await stores.people.people(TENANT) == ()
        monkeypatch.undo()
    beside = await another()
    assert await stored(beside.cases, case) == case


async def test_a_step_that_others_could_not_follow_waits_for_them(another, database, next_step):
    stores = await another()
    version = next_step(NOTES)
    refusal = await raised(StoreUnusable, schema(database).upgrade())
    assert "do not know the new schema: http://a:1" in str(refusal)
    await stores.close()
    await schema(database).upgrade()
    assert (await schema(database).status()).readable_from == version


async def test_a_newer_schema_is_refused_unless_it_may_be_read(database, pg):
    await (await own(database)).close()
    pg("INSERT INTO leitstand_schema (version, readable_from) VALUES (98, 1)")
    await (await own(database)).close()
    pg("INSERT INTO leitstand_schema (version, readable_from) VALUES (99, 98), (100, 1)")
    for work in (own(database), read(database)):
        assert "its schema has version 100" in str(await raised(StoreUnusable, work))


async def test_a_step_that_breaks_leaves_nothing_behind(database, pg, next_step):
    await (await own(database)).close()
    next_step("CREATE TABLE half (a int); CREATE TABLE half (a int);", 1)
    await raised(RuntimeError, schema(database).upgrade())
    assert (await schema(database).status()).pending == ("next",)
    assert pg("SELECT to_regclass('half') IS NULL") == "t"


async def test_a_check_finds_what_is_not_as_it_should_be(database, pg):
    stores = await own(database)
    cases = [await opened(stores.cases, Opening(at=now())) for _ in range(3)]
    await stores.close()
    assert await schema(database).check() == ()
    pg(
        f"UPDATE cases SET seq = 7 WHERE case_id = '{cases[1].case_id}'",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'cases_by_job'::regclass",
        f"INSERT INTO contents VALUES ('{TENANT}', 'no time', 'a', '', '')",
    )
    (database.keys / "default.key").write_bytes(b"x" * 32)
    found = [str(phrase) for phrase in await schema(database).check()]
    assert len(found) == 4
    assert cases[1].case_id in found[0]
    assert [words in line for words, line in zip(("cases_by_job", "1 events", "not the key"), found[1:], strict=True)]


async def test_a_case_lies_in_the_month_of_its_acceptance(another, pg):
    stores = await another()
    at = now()
    case = await appended(stores.cases, await opened(stores.cases, Opening(at=at)), at, NORMALISED)
    odd = await opened(stores.cases, Opening(at=1_000_000))
    this = datetime.fromtimestamp(at / 1e6, UTC).strftime("%Y_%m")
    for table in ("events", "contents"):
        assert pg(f"SELECT DISTINCT case_id FROM {table}_{this}") == case.case_id
        assert pg(f"SELECT DISTINCT case_id FROM {table}_default") == odd.case_id


async def test_months_are_made_ahead_by_many_at_once_and_dropped_as_a_whole(another, pg):
    stores = [await another() for _ in range(3)]
    later = now() + 400 * 86_400_000_000
    await asyncio.gather(*(make_months(one.cases._pool, later) for one in stores))
    names = set(pg("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'events_2%'").split())
    wanted = [f"events_{year}_{month:02}" for year, month in [*months(now(), AHEAD + 1), *months(later, AHEAD + 1)]]
    assert names == set(wanted)
    case = await opened(stores[0].cases, Opening(at=later))
    pg(f"DROP TABLE {wanted[-3]}, {wanted[-3].replace('events', 'contents')}")
    assert await stores[0].cases.events(TENANT, case.case_id) == ()
    assert (await stores[0].cases.summary(TENANT, case.case_id)).case == case


async def test_a_month_that_nobody_made_in_time_stops_nobody(another, pg, caplog):
    stores = await another()
    later = now() + 400 * 86_400_000_000
    early = await opened(stores.cases, Opening(at=later))
    await make_months(stores.cases._pool, later)
    assert "rows of that month lie in events_default already" in caplog.text
    case = await appended(stores.cases, early, later, NORMALISED)
    assert await stored(stores.cases, case) == case
    (year, month), *_ = months(later, 2)[1:]
    assert pg(f"SELECT to_regclass('events_{year}_{month:02}') IS NOT NULL") == "t"


def test_a_months_bounds_are_ids():
    for year, month in ((1971, 1), (2026, 11), (2026, 12), (2199, 12)):
        begin = int(datetime(year, month, 1, tzinfo=UTC).timestamp() * 1e6)
        assert first_id(year, month) <= new_id(begin) < first_id(*months(begin, 2)[1])
        assert new_id(begin - 1000) < first_id(year, month)
    assert months(int(datetime(2026, 11, 30, tzinfo=UTC).timestamp() * 1e6), 3) == [(2026, 11), (2026, 12), (2027, 1)]


async def test_a_sqlite_file_of_the_first_schema_comes_forward_with_its_data(path, sql, tmp_path):
    """The file is as the first release left it: its rows have no priority, no job and no crashes."""
    stores = open_store(path, address="", clock=now)
    case = await appended(stores.cases, await opened(stores.cases, Opening(at=now())), now(), NORMALISED)
    await stores.close()
    old = path.with_name("old.db")
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.executescript(steps("sqlite")[0].text)
        connection.execute("ATTACH ? AS new", (str(path),))
        for (table,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        connection.execute("PRAGMA user_version = 1")
        connection.execute(f"PRAGMA application_id = {0x4C656974}")
    old.replace(path)
    database = Database(path=path, url="", keys=path.parent / "keys", address="", clock=now)
    found = SqliteSchema(database)
    assert (await found.status()).pending == tuple(step.name for step in steps("sqlite")[1:])
    assert (await found.upgrade()).version == 1
    assert (await found.status()).pending == ()
    assert await found.check() == ()
    stores = open_store(path, address="", clock=now)
    assert await stored(stores.cases, case) == case
    await stores.cases.append(then(case, now(), NORMALISED), due_to=case.seq)
    await raised(StoreOwned, found.upgrade())
    await stores.close()


async def test_a_check_of_a_sqlite_file_finds_what_is_not_as_it_should_be(path, stores, sql, tmp_path):
    cases = [await opened(stores.cases, Opening(at=now())) for _ in range(3)]
    await stores.close()
    database = Database(path=path, url="", keys=path.parent / "keys", address="", clock=now)
    sql("DELETE FROM events WHERE case_id = ?", (cases[0].case_id,))
    found = [str(phrase) for phrase in await SqliteSchema(replace(database, keys=tmp_path / "no keys")).check()]
    assert [cases[0].case_id in found[0], "key of tenant default is missing" in found[1], len(found)] == [True, True, 2]
    assert (await SqliteSchema(replace(database, path=path.with_name("none.db"))).status()).version == 0


def test_a_step_says_who_may_work_beside_it():
    assert schema_steps._step("0007_more", "-- more\n-- readable from: 3\nSELECT 1").readable_from == 3
    assert schema_steps._step("0007_more", "-- more\nSELECT 1").readable_from == 7
