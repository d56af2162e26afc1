"""How are questions answered that are dear to answer, when many people ask them again and again?"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

T = TypeVar("T")

DEAR = 0.2
"""Seconds; while all answers together take less, each is found anew."""

TIMES = 20
"""Answers hold for so many times as long as all of them take, so that finding them takes little of the time."""

LONGEST = 600.0
"""Seconds that an answer holds at most; nobody is shown one that is twice as old."""

MOST = 1_000
"""Answers that are kept; the oldest goes first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """An answer, how many seconds it took, and when it was found."""

    answer: Any
    took: float
    at: float


class Remembered:
    """Answers by question; one is found at a time. Who asks what is being found waits for it with the others.

    An answer is given as long as it holds, and for as long again while a newer one is being found.
    """

    def __init__(self) -> None:
        self._being_found: dict[Hashable, asyncio.Task[Any]] = {}
        self._kept: dict[Hashable, Kept] = {}
        self._turn = asyncio.Lock()

    async def of(self, question: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        """The answer that is kept, or what ``find`` says now; what it raises is kept for nobody."""
        holds, kept = self._holds(), self._kept.get(question)
        age = asyncio.get_running_loop().time() - kept.at if kept else 0.0
        if kept and age < holds:
            return cast("T", kept.answer)
        finding = self._being_found.get(question)
        if finding is None:
            finding = self._being_found[question] = asyncio.create_task(self._found(question, find))
            finding.add_done_callback(_heard)
        if kept and age < 2 * holds:
            return cast("T", kept.answer)
        return cast("T", await asyncio.shield(finding))  # who goes away takes nobody's answer with him

    async def _found(self, question: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        now = asyncio.get_running_loop().time
        try:
            async with self._turn:
                began = now()
                answer = await find()
        finally:
            del self._being_found[question]
        self._kept.pop(question, None)
        self._kept[question] = Kept(answer=answer, took=now() - began, at=now())
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
        return answer

    def _holds(self) -> float:
        """Seconds for which an answer holds now; what nobody asked for lately does not count."""
        lately = asyncio.get_running_loop().time() - 2 * LONGEST
        all_took = sum(kept.took for kept in self._kept.values() if kept.at > lately)
        return min(TIMES * all_took, LONGEST) if all_took >= DEAR else 0.0


def _heard(finding: "asyncio.Task[Any]") -> None:
    """Take note of what went wrong: whoever waits hears of it, and perhaps nobody does."""
    if not finding.cancelled():
        finding.exception()
