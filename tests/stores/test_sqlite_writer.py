"""Do many writes share a commit, and does only the guilty one of them fail?"""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from leitstand.domain.errors import LeaseLost, StoreUnusable
from leitstand.stores.sqlite import open_readonly
from leitstand.stores.sqlite_file import open_for_writing
from leitstand.stores.sqlite_writer import MOST_AT_ONCE, Writer
from leitstand.testing.expectations import raised
from leitstand.testing.store_cases import NORMALISED, TENANT, Opening, claimed, opened, opening, then
from leitstand.testing.store_contract import now, stored


@pytest.fixture
def writer(stores):
    return stores.cases._writer


async def test_writes_of_one_turn_share_one_commit(stores, writer):
    before = [await opened(stores.cases, Opening(at=now())) for _ in range(64)]
    commits = writer.commits
    await asyncio.gather(*(stores.cases.append(then(case, now(), NORMALISED), due_to=1) for case in before))
    assert writer.commits == commits + 1
    assert writer.operations >= 128


async def test_what_arrives_during_a_commit_shares_the_next(stores, writer):
    async def lane():
        for _ in range(10):
            await opened(stores.cases, Opening(at=now()))

    await asyncio.gather(*(lane() for _ in range(32)))
    assert writer.operations == 320
    assert writer.commits <= 80


async def test_a_waiter_wakes_only_after_the_commit(stores, path):
    case = await opened(stores.cases, Opening(at=now()))
    reader = open_readonly(path, clock=now)
    assert await stored(reader.cases, case) == case
    await reader.close()


async def test_an_operation_that_breaks_takes_nobody_with_it(stores, writer):
    def broken(connection):
        connection.execute("INSERT INTO people VALUES (?, ?, ?)", (TENANT, "p-broken", "half"))
        raise ZeroDivisionError

    changes = [opening(Opening(at=now())) for _ in range(10)]
    work = [stores.cases.open(change, None) for change in changes]
    outcomes = await asyncio.gather(*work[:5], writer.run(broken), *work[5:], return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes].count("CaseSummary") == 10
    assert isinstance(outcomes[5], ZeroDivisionError)
    assert await stores.people.people(TENANT) == ()
    for change in changes:
        assert await stored(stores.cases, change.case) == change.case


async def test_a_refusal_does_not_cost_its_neighbours_a_second_commit(stores, writer):
    case = await opened(stores.cases, Opening(at=now()))
    commits = writer.commits
    stale = stores.cases.append(then(case, now(), NORMALISED), due_to=7)
    outcomes = await asyncio.gather(stale, opened(stores.cases, Opening(at=now())), return_exceptions=True)
    assert isinstance(outcomes[0], LeaseLost)
    assert writer.commits == commits + 1


async def test_a_file_locked_by_another_program_is_said_and_passes(stores, writer, path):
    writer.patience = 0.05
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = [stores.cases.open(opening(Opening(at=now())), None) for _ in range(20)]
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(outcome, StoreUnusable) for outcome in outcomes)
        assert "locked by another program" in str(outcomes[0])
        other.execute("ROLLBACK")
    await opened(stores.cases, Opening(at=now()))


async def test_a_caller_who_leaves_does_not_stop_the_others(stores):
    change = opening(Opening(at=now()))
    leaver = asyncio.create_task(stores.cases.open(change, None))
    await asyncio.sleep(0)
    leaver.cancel()
    await opened(stores.cases, Opening(at=now()))
    assert leaver.cancelled()
    assert await stored(stores.cases, change.case) == change.case


async def test_more_callers_than_places_wait_their_turn(path, tmp_path):
    writer = Writer(open_for_writing(tmp_path / "few.db"), path, most_queued=8)
    await asyncio.gather(*(writer.run(lambda connection: connection.total_changes) for _ in range(100)))
    assert writer.operations == 100
    assert writer.commits >= 100 / 8
    await writer.close()


async def test_a_huge_turn_is_cut_into_transactions(stores, writer):
    await asyncio.gather(*(writer.run(lambda connection: connection.total_changes) for _ in range(3 * MOST_AT_ONCE)))
    assert writer.operations == 3 * MOST_AT_ONCE
    assert writer.commits >= 3


async def test_what_is_queued_at_the_end_is_written(path, tmp_path):
    writer = Writer(open_for_writing(tmp_path / "end.db"), path)
    work = [
        asyncio.create_task(
            writer.run(
                lambda connection: connection.execute("INSERT INTO people VALUES ('t', hex(randomblob(8)), 'n')")
            )
        )
        for _ in range(50)
    ]
    await asyncio.sleep(0)
    await writer.close()
    assert len(await asyncio.gather(*work)) == 50
    with closing(sqlite3.connect(tmp_path / "end.db")) as connection:
        assert connection.execute("SELECT count(*) FROM people").fetchone() == (50,)
    assert not (tmp_path / "end.db-wal").exists()


async def test_after_the_end_everybody_is_told(path, stores):
    await stores.close()
    case = opening(Opening(at=now())).case
    for work in (
        stores.cases.open(opening(Opening(at=now())), None),
        stores.cases.events(TENANT, case.case_id),
        claimed(stores.cases, limit=1, skip=()),
    ):
        assert "it is closed" in str(await raised(StoreUnusable, work))
