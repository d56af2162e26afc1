"""Is this process still known to be there? Its heartbeat, on a thread and a connection that nothing else delays.

Others take over what a process holds once its row in ``workers`` has not been renewed for the length of a lease. So a
process whose last renewal is that long ago must take its cases for lost, whatever its other threads think, until it has
registered as another worker. The lease runs from before the renewal was sent, by a clock that does not stop while the
process is frozen: it ends here before it ends over there.
"""

import asyncio
import logging
import threading
import time
import uuid
from typing import NamedTuple

import asyncpg

from leitstand.domain.errors import LeitstandError
from leitstand.stores.postgres_clock import SharedClock
from leitstand.stores.postgres_connections import Connection, Server, fetch, hang_up
from leitstand.stores.postgres_errors import LOST, unusable
from leitstand.stores.schema_steps import steps

_log = logging.getLogger(__name__)


class _Standing(NamedTuple):
    """As which worker this process is known, and until when."""

    worker_id: str
    until: float


def _seconds() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Heartbeat:
    """Registers this process and renews its lease three times in each; ``start`` returns when it is registered."""

    def __init__(self, server: Server, address: str, lease_seconds: float, clock: SharedClock) -> None:
        self.lease_seconds = lease_seconds
        self._clock = clock
        self._server = server
        self._address = address
        self._knows = steps("postgres")[-1].version
        self._standing = _Standing("", 0.0)
        self._begun = threading.Event()
        self._refusal: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving = asyncio.Event()
        self._silent = False
        self._complained = 0.0
        self._thread = threading.Thread(target=self._serve, name="leitstand-heartbeat", daemon=True)

    @property
    def worker_id(self) -> str:
        """As whom this process owns cases."""
        return self._standing.worker_id

    @property
    def owner(self) -> str | None:
        """Who owns what this process begins now; nobody while it is late, so that whoever has room takes it up."""
        return None if self.is_late else self.worker_id

    @property
    def is_late(self) -> bool:
        """Whether others may have taken over what this process holds."""
        return _seconds() >= self._standing.until

    @property
    def age(self) -> float:
        """Seconds since the last renewal was sent."""
        return max(_seconds() - self._standing.until + self.lease_seconds, 0.0)

    async def start(self) -> None:
        """Register; raises ``StoreUnusable``."""
        self._thread.start()
        await asyncio.to_thread(self._begun.wait)
        if self._refusal:
            raise self._refusal

    async def stop(self, *, silent: bool = False) -> None:
        """Leave; a silent one leaves its row, as a process does that was killed."""
        self._silent = silent
        if self._loop and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._leaving.set)
        await asyncio.to_thread(self._thread.join)
        self._standing = _Standing(self.worker_id, 0.0)

    def _serve(self) -> None:
        asyncio.run(self._beat())

    async def _beat(self) -> None:
        self._loop = asyncio.get_running_loop()
        connection: Connection | None = None
        while not self._leaving.is_set():
            sent = _seconds()
            pause = self.lease_seconds / 3
            try:
                connection = connection or await self._server.connect("heartbeat", self.lease_seconds / 3)
                self._standing = _Standing(await self._renewed(connection, sent), sent + self.lease_seconds)
                asked = self._clock()
                self._clock.compare(asked, (await fetch(connection, "clock"))[0]["now"])
            except (LeitstandError, asyncpg.PostgresError, *LOST) as error:
                refusal = unusable(self._server.name, error)
                if sent - self._complained > self.lease_seconds:
                    _log.warning("the lease of this process was not renewed: %s", refusal)
                    self._complained = sent
                if connection:
                    connection.terminate()
                connection, pause = None, min(pause, 1.0)
                if not self._begun.is_set():
                    self._refusal = refusal
                    self._leaving.set()
            self._begun.set()
            await _until(self._leaving, pause)
        if connection:
            await self._leave(connection)

    async def _renewed(self, connection: Connection, sent: float) -> str:
        """As whom this process is known from now on: as before, or as somebody new when it came late."""
        worker_id, until = self._standing
        if worker_id and sent < until and await fetch(connection, "renew", worker_id=worker_id):
            return worker_id
        fresh = uuid.uuid4().hex
        async with connection.transaction():
            await fetch(connection, "register", worker_id=fresh, address=self._address, knows=self._knows)
            await fetch(connection, "unregister", worker_id=worker_id)
        if worker_id:
            _log.warning("this process came late; others go on with what it held, and it begins anew as %s", fresh)
        return fresh

    async def _leave(self, connection: Connection) -> None:
        try:
            if not self._silent:
                await fetch(connection, "unregister", worker_id=self.worker_id)
        except (asyncpg.PostgresError, *LOST):
            _log.warning("this process could not sign off; its lease runs out by itself")
        await hang_up(connection)


async def _until(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
