"""Does the SQLite store keep the contracts?"""

import sqlite3
from contextlib import closing

import pytest
import pytest_asyncio

from leitstand.stores.sqlite import open_store
from leitstand.testing.answer_cache_contract import AnswerCacheContract
from leitstand.testing.ledger_contract import LedgerContract
from leitstand.testing.release_store_contract import (
    HealthStoreContract,
    PeopleStoreContract,
    ReleaseStoreContract,
    ReportStoreContract,
)
from leitstand.testing.stop_store_contract import StopStoreContract
from leitstand.testing.store_contract import CaseStoreContract, now
from leitstand.testing.store_lists_contract import CaseListContract
from leitstand.testing.store_queue_contract import CaseQueueContract


@pytest_asyncio.fixture
async def reopen(tmp_path):
    opened = []

    async def again():
        while opened:
            await opened.pop().close()
        opened.append(open_store(tmp_path / "leitstand.db", address="http://127.0.0.1:8420", clock=now))
        return opened[-1]

    yield again
    while opened:
        await opened.pop().close()


@pytest_asyncio.fixture
async def crash(tmp_path, reopen):
    """What a killed owner leaves is the file as it is at that moment: a copy made while it still owns its cases."""
    file, left = tmp_path / "leitstand.db", tmp_path / "left.db"

    async def again():
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("VACUUM INTO ?", (str(left),))
        await (await reopen()).close()
        left.replace(file)
        return await reopen()

    return again


@pytest.fixture
def sql(tmp_path):
    """A statement on the file beside its owner."""

    async def run(statement):
        with closing(sqlite3.connect(tmp_path / "leitstand.db", isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            return connection.execute(statement).fetchall()

    return run


@pytest.fixture
def spoil(sql):
    return sql


@pytest.fixture
def count(sql):
    async def answers():
        return (await sql("SELECT count(*) FROM answers"))[0][0]

    return answers


class TestCases(CaseStoreContract):
    pass


class TestQueue(CaseQueueContract):
    pass


class TestLists(CaseListContract):
    pass


class TestReleases(ReleaseStoreContract):
    pass


class TestPeople(PeopleStoreContract):
    pass


class TestAnswers(AnswerCacheContract):
    pass


class TestLedger(LedgerContract):
    pass


class TestReports(ReportStoreContract):
    pass


class TestStops(StopStoreContract):
    pass


class TestHealth(HealthStoreContract):
    pass
