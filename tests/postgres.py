"""Which PostgreSQL do tests use? One throw-away cluster per test process, and a new database for each test."""

from collections.abc import Iterator

import pytest

from leitstand.testing.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The newest PostgreSQL there is, with pgvector. Tests that stop or break a server start one of their own."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty database, dropped afterwards."""
    url = postgres_server.database()
    yield url
    postgres_server.drop(url)
