"""How are questions answered that are dear to answer, when many people ask them again and again?"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

T = TypeVar("T")

DEAR = 0.2
"""Seconds; what takes less is found anew each time."""

TIMES = 20
"""A dear answer holds for so many times as long as it took, so that finding answers takes little of the time."""

MOST = 1_000
"""Answers that are kept; the oldest goes first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A dear answer: it is given until ``old``, and until ``void`` while a newer one is being found."""

    answer: Any
    old: float
    void: float


class Remembered:
    """Answers by question; one is found at a time. Who asks what is being found waits for it with the others."""

    def __init__(self) -> None:
        self._being_found: dict[Hashable, asyncio.Task[Any]] = {}
        self._kept: dict[Hashable, Kept] = {}
        self._turn = asyncio.Lock()

    async def of(self, question: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        """The answer that is kept, or what ``find`` says now; what it raises is kept for nobody."""
        now, kept = asyncio.get_running_loop().time(), self._kept.get(question)
        if kept and now < kept.old:
            return cast("T", kept.answer)
        finding = self._being_found.get(question)
        if finding is None:
            finding = self._being_found[question] = asyncio.create_task(self._found(question, find))
            finding.add_done_callback(_heard)
        if kept and now < kept.void:
            return cast("T", kept.answer)
        return cast("T", await asyncio.shield(finding))  # who goes away takes nobody's answer with him

    async def _found(self, question: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        now = asyncio.get_running_loop().time
        began = now()
        try:
            async with self._turn:
                answer = await find()
        finally:
            del self._being_found[question]
        self._kept.pop(question, None)
        took, ended = now() - began, now()
        if took >= DEAR:
            self._kept[question] = Kept(answer=answer, old=ended + TIMES * took, void=ended + 2 * TIMES * took)
            if len(self._kept) > MOST:
                del self._kept[next(iter(self._kept))]
        return answer


def _heard(finding: "asyncio.Task[Any]") -> None:
    """Take note of what went wrong: whoever waits hears of it, and perhaps nobody does."""
    if not finding.cancelled():
        finding.exception()
