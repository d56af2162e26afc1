"""Who tells this process that there is something to do? PostgreSQL, by NOTIFY; who hears nothing looks each second."""

import asyncio
import logging
from contextlib import suppress

import asyncpg

from leitstand.domain.errors import LeitstandError
from leitstand.ports import News
from leitstand.stores.postgres_connections import Connection, Pool, Server, hang_up
from leitstand.stores.postgres_errors import LOST

CASES = "leitstand_cases"
"""Told when cases have become due that nobody runs."""

RELEASES = "leitstand_releases"
"""Told when the pointer to an active release has moved."""

STOPS = "leitstand_stops"
"""Told when a stop has begun or ended."""

_PAUSES = (0.1, 0.5, 1.0, 5.0)

_log = logging.getLogger(__name__)


class Listener:
    """Listens until ``close``; a connection that was lost is made again, and all is news after that."""

    def __init__(self, server: Server, news: News) -> None:
        self._server = server
        self._news = news
        self._task = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Listen no more."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _listen(self) -> None:
        failed = 0
        while True:
            try:
                connection = await self._server.connect("news")
                failed = 0
                await self._hear(connection)
            except (LeitstandError, asyncpg.PostgresError, *LOST) as error:
                _log.warning("no news from %s; looking each second: %s", self._server.name, error)
            await asyncio.sleep(_PAUSES[min(failed, len(_PAUSES) - 1)])
            failed += 1

    async def _hear(self, connection: Connection) -> None:
        """Set what there is news of, until the connection is lost."""
        over = asyncio.Event()
        connection.add_termination_listener(lambda _: over.set())
        try:
            heard = {CASES: self._news.cases, RELEASES: self._news.releases, STOPS: self._news.stops}
            for channel, event in heard.items():
                await connection.add_listener(channel, lambda *_, event=event: event.set())
                event.set()
            await over.wait()
        finally:
            await hang_up(connection)


async def tell(pool: Pool, channel: str) -> None:
    """Wake who listens; nobody needs to be there, and when it fails everybody looks within a second anyway."""
    with suppress(LeitstandError):
        await pool.execute("notify", channel=channel)
