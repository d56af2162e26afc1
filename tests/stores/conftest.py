"""What do tests of the stores share? A store of their own, and the file or the database behind it."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
import pytest_asyncio

from leitstand.ports import Database
from leitstand.stores.postgres import own
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


@pytest.fixture
def database(tmp_path, postgres_database):
    return Database(path=tmp_path, url=postgres_database, keys=tmp_path / "keys", address="http://a:1", clock=now)


@pytest_asyncio.fixture
async def another(database):
    """Opens the PostgreSQL database as one more process would; all are closed at the end."""
    opened = []

    async def open_it(**changes):
        opened.append(await own(replace(database, **changes)))
        return opened[-1]

    yield open_it
    for stores in reversed(opened):
        await stores.close()


@pytest.fixture
def pg(postgres_server, database):
    """Runs statements on the PostgreSQL database as another program would, and returns what the last one prints."""
    name = database.url.rpartition("/")[2]
    return lambda *statements: postgres_server.sql(*statements, database=name)
