"""How long is the next chunk of a stream waited for?"""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Self, TypeVar

from leitstand.domain.silence import silent_since

T = TypeVar("T")


class Patience:
    """Ends a wait that lasts longer than ``seconds``, or beyond ``deadline`` on the loop's clock.

    One timer looks after all waits of a stream: one for each would cost as much as the chunk. Time between the waits,
    which is the reader's own, does not count.
    """

    def __init__(self, seconds: float, deadline: float = float("inf")) -> None:
        self._seconds = seconds
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._waiting: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._over = False
        self._timer: asyncio.TimerHandle

    def __enter__(self) -> Self:
        self._timer = self._loop.call_at(self._ends(), self._look)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()

    async def wait(self, awaited: Awaitable[T]) -> T:
        """What is awaited; raises ``TimeoutError`` when it does not come in time."""
        task = asyncio.current_task()
        assert task is not None, "a coroutine runs in a task"
        self._since, self._waiting, self._cancelling = self._loop.time(), task, task.cancelling()
        try:
            return await awaited
        except asyncio.CancelledError:
            if self._over and task.uncancel() <= self._cancelling:
                raise TimeoutError(f"nothing came for {self._seconds:g} s") from None
            raise
        finally:
            self._waiting = None

    def _ends(self) -> float:
        return min(self._since + self._seconds, self._deadline)

    def _look(self) -> None:
        """End the wait when its time is over; look again when it will be, or when something may have come unheard."""
        self._since = silent_since(self._since, self._seconds, now := self._loop.time())
        if self._waiting and now >= self._ends():
            self._over = True
            self._waiting.cancel()
            return
        again = self._ends() if self._waiting else now + self._seconds
        self._timer = self._loop.call_at(max(again, now + 0.01), self._look)
