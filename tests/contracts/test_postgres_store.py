"""Does the PostgreSQL store keep the contracts?"""

import pytest
import pytest_asyncio

from leitstand.ports import Database
from leitstand.stores.postgres import own
from leitstand.testing.answer_cache_contract import AnswerCacheContract
from leitstand.testing.ledger_contract import LedgerContract
from leitstand.testing.postgres_server import PostgresServer, installations
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


@pytest.fixture(scope="module", params=sorted({max(installations()), min(installations())}))
def postgres_server(request):
    """The newest PostgreSQL there is, and the oldest."""
    with PostgresServer(request.param) as server:
        yield server


@pytest.fixture
def database(tmp_path, postgres_database):
    return Database(path=tmp_path, url=postgres_database, keys=tmp_path / "keys", address="here", clock=now)


@pytest_asyncio.fixture
async def opened(database):
    opened = []
    yield opened
    while opened:
        await opened.pop().close()


@pytest_asyncio.fixture
async def reopen(database, opened):
    async def again():
        while opened:
            await opened.pop().close()
        opened.append(await own(database))
        return opened[-1]

    return again


@pytest_asyncio.fixture
async def crash(database, opened, postgres_server):
    """What a killed process leaves is its row, which nobody renews, and the cases that belong to it."""

    async def again():
        killed = opened.pop()
        await killed.cases._heartbeat.stop(silent=True)
        late = "UPDATE workers SET heard_at = heard_at - interval '11 seconds'"
        postgres_server.sql(late, database=database.url.rpartition("/")[2])
        opened.append(await own(database))
        leftovers.append(killed)
        return opened[-1]

    leftovers = []
    yield again
    for killed in leftovers:
        await killed.close()


@pytest.fixture
def spoil(database, postgres_server):
    async def run(statement):
        return postgres_server.sql(statement, database=database.url.rpartition("/")[2])

    return run


@pytest.fixture
def count(spoil):
    async def answers():
        return int(await spoil("SELECT count(*) FROM answers"))

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
