"""Which database does each stage get? A file in its own folder, or one of a throw-away PostgreSQL cluster."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

Databases = Callable[[], AbstractAsyncContextManager[str]]
"""Lends the address of an empty database; empty for a file of its own."""

STORES = ("sqlite", "postgres")


@contextmanager
def databases_of(store: str) -> Iterator[Databases]:
    """Databases of that kind for as long as the block lasts."""
    if store == "sqlite":
        yield _none
        return
    from leitstand.testing.postgres_server import PostgresServer

    with PostgresServer(settings={"max_connections": "200"}) as server:

        @asynccontextmanager
        async def lend() -> AsyncIterator[str]:
            url = await asyncio.to_thread(server.database)
            try:
                yield url
            finally:
                await asyncio.to_thread(server.drop, url)

        yield lend


@asynccontextmanager
async def _none() -> AsyncIterator[str]:
    yield ""
