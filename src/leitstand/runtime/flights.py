"""Is somebody in this process asking the same right now, so that one call serves both?"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from leitstand.domain.reuse import Found


@dataclass(frozen=True, kw_only=True, slots=True)
class Reuse:
    """An answer that serves again: ``how`` and ``similarity`` as in ``model_call.reused``."""

    found: Found
    how: str
    similarity: str = ""


Land = Callable[[Reuse], None]


class Flights:
    """The calls under way by the key of their request; a key covers the tenant, so no two of them share one."""

    def __init__(self) -> None:
        self._under_way: dict[bytes, asyncio.Future[Reuse | None]] = {}

    def __len__(self) -> int:
        """How many calls others could wait for."""
        return len(self._under_way)

    def waits(self, key: bytes) -> bool:
        """Whether such a call is under way."""
        return key in self._under_way

    async def join(self, key: bytes, seconds: float) -> Reuse | None:
        """What the call under way brings; None at once when there is none, else when it fails or takes longer.

        Whoever gets None goes on by himself: he does not wait for the next one, which may fail as well.
        """
        landing = self._under_way.get(key)
        if landing is None:
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await asyncio.shield(landing)  # who gives up waiting takes nobody's answer away
        return None

    @contextmanager
    def lead(self, key: bytes) -> Iterator[Land]:
        """A call that others may wait for until the block is left, however it is left; what it brings is landed."""
        landing: asyncio.Future[Reuse | None] = asyncio.get_running_loop().create_future()
        self._under_way[key] = landing

        def land(reuse: Reuse) -> None:
            if not landing.done():
                landing.set_result(reuse)

        try:
            yield land
        finally:
            if self._under_way.get(key) is landing:
                del self._under_way[key]
            if not landing.done():
                landing.set_result(None)
