"""Does a worker that was overtaken keep its hands off the world outside?"""

import sqlite3
from dataclasses import replace

import pytest
from tests.runtime.conftest import Bench, Receiver

from leitstand.domain.event import DeliveryIntended
from leitstand.ports import CaseStore, Change
from leitstand.runtime.parts import Parts
from leitstand.runtime.worker import Worker


class Overtaken:
    """The real store, in which another worker takes the case over as soon as its delivery (or ``kind``) is intended."""

    def __init__(self, cases: CaseStore, path: str, kind: type = DeliveryIntended) -> None:
        self._cases = cases
        self._kind = kind
        self._path = path

    def __getattr__(self, name: str) -> object:
        return getattr(self._cases, name)

    async def append(self, change: Change, *, due_to: int) -> None:
        """Append, and then raise the epoch as a take-over does."""
        await self._cases.append(change, due_to=due_to)
        if any(isinstance(event.body, self._kind) for event in change.events):
            with sqlite3.connect(self._path, timeout=10) as other:
                other.execute("UPDATE cases SET epoch = epoch + 1")


@pytest.mark.parametrize("overtaken", [True, False])
async def test_an_effect_leaves_only_under_the_epoch_that_holds_the_case(bench: Bench, *, overtaken: bool) -> None:
    receiver = bench.receiver = Receiver()
    await bench.activate()
    if overtaken:
        cases: CaseStore = Overtaken(bench.parts.cases, str(bench.path))  # type: ignore[assignment]
        bench.parts: Parts = replace(bench.parts, cases=cases)
        bench.worker = Worker(bench.parts)
    await bench.ask()
    assert len(receiver.taken) == (0 if overtaken else 1)
