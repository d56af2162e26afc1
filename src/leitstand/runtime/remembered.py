"""How are questions answered that are dear to answer, when many people ask them again and again?"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar, cast

T = TypeVar("T")

DEAR = 0.2
"""Seconds; what takes less is found anew each time."""

TIMES = 10
"""A dear answer holds for so many times as long as it took: finding it takes a tenth of the time, however many ask."""

MOST = 1_000
"""Answers that are kept; the oldest goes first."""


class Remembered:
    """Answers by question. Who asks what is being found right now waits for it with the others."""

    def __init__(self) -> None:
        self._being_found: dict[Hashable, asyncio.Task[Any]] = {}
        self._kept: dict[Hashable, tuple[Any, float]] = {}

    async def of(self, question: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        """The answer that is kept, or what ``find`` says now; what it raises is kept for nobody."""
        answer, until = self._kept.get(question, (None, 0.0))
        if asyncio.get_running_loop().time() < until:
            return cast("T", answer)
        finding = self._being_found.get(question)
        if finding is None:
            finding = self._being_found[question] = asyncio.create_task(self._found(question, find))
        return cast("T", await asyncio.shield(finding))  # who goes away takes nobody's answer with him

    async def _found(self, question: Hashable, find: Callable[[], Awaitable[T]]) -> T:
        now = asyncio.get_running_loop().time
        began = now()
        try:
            answer = await find()
        finally:
            del self._being_found[question]
        took = now() - began
        self._kept.pop(question, None)
        if took >= DEAR:
            self._kept[question] = answer, now() + TIMES * took
            if len(self._kept) > MOST:
                del self._kept[next(iter(self._kept))]
        return answer
