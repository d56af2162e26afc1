"""Does the SQLite store keep the contracts?"""

import pytest_asyncio

from leitstand.stores.sqlite import open_store
from leitstand.testing.release_store_contract import PeopleStoreContract, ReleaseStoreContract
from leitstand.testing.store_contract import CaseStoreContract, now
from leitstand.testing.store_lists_contract import CaseListContract


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


class TestCases(CaseStoreContract):
    pass


class TestLists(CaseListContract):
    pass


class TestReleases(ReleaseStoreContract):
    pass


class TestPeople(PeopleStoreContract):
    pass
