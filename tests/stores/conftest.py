"""What do tests of the SQLite store share? A store of their own, and the file behind it."""

import sqlite3
from contextlib import closing

import pytest
import pytest_asyncio

from leitstand.stores.sqlite import open_store
from leitstand.testing.store_contract import now


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "leitstand.db"


@pytest_asyncio.fixture
async def stores(path):
    stores = open_store(path, address="http://127.0.0.1:8420", clock=now)
    yield stores
    await stores.close()


@pytest.fixture
def sql(path):
    """Runs a statement on the file as another program would, and returns its rows."""

    def run(statement, values=()):
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            return connection.execute(statement, values).fetchall()

    return run
