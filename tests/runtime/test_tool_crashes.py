"""A process that dies at any write: does the next one go on, with no call under another key and none too many?"""

from dataclasses import replace

import pytest
from tests.runtime.conftest import GOOD, Bench, Script
from tests.runtime.tools import FITTING, Ledger, asks, decided, ready, results

from leitstand.domain.case import Status
from leitstand.domain.errors import LeaseLost
from leitstand.domain.message import Answer, Request
from leitstand.domain.tool import SideEffect
from leitstand.ports import CaseFilter, CaseStore, Change
from leitstand.runtime.worker import Worker

ROUNDS = [
    asks(("look", FITTING), ("look", FITTING), ("gone", "{}")),
    asks(("refund", FITTING), ("look", FITTING)),
]


class Dying:
    """The real store of a process that dies right before, or right after, its n-th write."""

    def __init__(self, cases: CaseStore, left: int, *, after: bool) -> None:
        self._cases = cases
        self._left = left
        self._after = after

    def __getattr__(self, name: str) -> object:
        return getattr(self._cases, name)

    async def append(self, change: Change, *, due_to: int) -> None:
        """Append, unless the process is dead."""
        self._left -= 1
        if self._left < 0 or (self._left == 0 and not self._after):
            raise LeaseLost(case_id=change.case.case_id)
        await self._cases.append(change, due_to=due_to)
        if self._left == 0:
            raise LeaseLost(case_id=change.case.case_id)


class Model(Script):
    """Asks for tools as long as the rounds that it is told of are fewer than those that it wants."""

    async def generate(self, request: Request, on_delta: object = None) -> Answer:
        """The next round, or the answer."""
        self.requests.append(request)
        told = len(request.rounds)
        return (
            ROUNDS[told] if told < len(ROUNDS) else replace(ROUNDS[0], text=GOOD, tool_calls=(), finish_reason="stop")
        )


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("write", range(1, 10))
async def test_the_next_process_goes_on(bench: Bench, write: int, *, after: bool) -> None:
    looked, paid = Ledger(reply={"state": "sent"}), Ledger()
    bench.tools = (ready(looked, name="look"), ready(paid, SideEffect.WRITE, name="refund"))
    model = Model()
    bench.scripts = [model]
    await bench.activate()
    alive = bench.parts
    bench.parts = replace(alive, cases=Dying(alive.cases, write, after=after))  # type: ignore[arg-type]
    bench.worker = Worker(bench.parts)
    await bench.ask()
    await bench.worker.stop()
    await bench.end()
    bench.begin()
    await bench.parts.installations.refresh()
    await bench.worker.sweep()
    [row] = await bench.parts.cases.find("default", CaseFilter())
    case_id = row.case.case_id
    await bench.worker.wait(case_id, 10)
    [row] = await bench.parts.cases.find("default", CaseFilter())
    assert (row.case.status, paid.calls) == (Status.REVIEW, [])
    keys = [key for _, key in looked.calls]
    assert set(keys) == {f"{case_id}-tool-{number}" for number in (1, 2, 5)}
    assert len(keys) <= 3 + 2, "at most the calls of the round that was under way are made again"
    told = results(model.requests[-1])
    assert [next(iter(sorted(each))) for each in told] == ["cite_as", "cite_as", "detail", "note", "cite_as"]
    ended = await decided(bench, row)
    assert (ended.case.status, [key for _, key in paid.calls]) == (Status.DELIVERED, [f"{case_id}-tool-4"])
