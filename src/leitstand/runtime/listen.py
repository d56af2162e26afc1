"""Who in this process hears a case while it runs: the pieces of its answer, and how it came to rest?

A listener never changes what its case does. Nothing here waits or raises: a slow listener costs no time of the case
and a bounded amount of memory, one that went away costs nothing.
"""

import asyncio
from collections.abc import Callable, Mapping

from leitstand.domain.case import RUNNABLE, Case
from leitstand.domain.event import ModelCallFinished

MOST_UNREAD = 1_000_000
"""Characters that may wait for a slow listener; the rest it finds in the output when the case is at rest."""


class Listener:
    """What one caller hears of one case; pieces only when it is ``eager``.

    Once a piece was heard, no other attempt is, and ``broken`` says so: two answers are never mixed.
    """

    def __init__(self, *, eager: bool) -> None:
        self.eager = eager
        self.case: Case | None = None
        self.output: object = None
        self.call: ModelCallFinished | None = None
        self.broken = False
        self.ended = False
        self._attempts = 0
        self._heard = False
        self._full = False
        self._unread: list[str] = []
        self._size = 0
        self._news = asyncio.Event()

    async def pieces(self) -> list[str]:
        """What was said since the last call, as soon as there is something; none when nothing more will come."""
        while not (self._unread or self.ended or self.broken):
            await self._next()
        unread, self._unread, self._size = self._unread, [], 0
        return unread

    async def rest(self) -> Case | None:
        """The case at rest; None when it goes on without its listener."""
        while not self.ended:
            await self._next()
        return self.case

    async def _next(self) -> None:
        self._news.clear()
        await self._news.wait()

    def attempt(self) -> Callable[[str], None]:
        """A model is asked: the function that takes the pieces of this attempt."""
        self._attempts += 1
        if self._heard:
            self.broken, self._unread = True, []
            self._news.set()
        number = self._attempts
        return lambda text: self._say(text, number)

    def answered(self, call: ModelCallFinished) -> None:
        """An attempt ended; the last one counts."""
        self.call = call

    def end(self, case: Case | None, output: object) -> None:
        """Nothing more is heard: the case is at rest, or None when it goes on later, elsewhere or for too long."""
        if not self.ended:
            self.case, self.output, self.ended = case, output, True
            self._news.set()

    def _say(self, text: str, number: int) -> None:
        if not text or self.broken or self._full or number != self._attempts:
            return
        self._size += len(text)
        self._full = self._size > MOST_UNREAD
        self._heard = True
        self._unread.append(text)
        self._news.set()


class Listeners:
    """The listeners of this process by case."""

    def __init__(self) -> None:
        self._by_case: dict[str, Listener] = {}

    def __len__(self) -> int:
        """How many cases are listened to."""
        return len(self._by_case)

    def add(self, case_id: str, listener: Listener) -> None:
        """Let ``listener`` hear the case until this process lets go of it."""
        self._by_case[case_id] = listener

    def of(self, case_id: str) -> Listener | None:
        """Who hears the case."""
        return self._by_case.get(case_id)

    def drop(self, case_id: str) -> None:
        """Nobody hears the case any more."""
        self._by_case.pop(case_id, None)

    def let_go(self, case_id: str, case: Case | None, contents: Mapping[str, object]) -> None:
        """Say how the case ended here; one that is not at rest (None, or waiting for its time) has not."""
        listener = self._by_case.pop(case_id, None)
        if listener:
            rested = case if case and case.status not in RUNNABLE else None
            listener.end(rested, contents.get(rested.output) if rested else None)
