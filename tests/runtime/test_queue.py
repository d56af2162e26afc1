"""Who may join the queue, and how long is a caller asked to wait?"""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.domain.workflows import a_workflow

from leitstand.domain.case import Priority
from leitstand.domain.errors import Overloaded, WorkflowFull
from leitstand.domain.workflow import Limits
from leitstand.ports import Queued
from leitstand.runtime.queue import LONGEST_PAUSE, Queue

HELP = a_workflow()
NARROW = replace(HELP, limits=Limits(most_waiting=3))


class Cases:
    """What waits, as a store counts it: (tenant, workflow) to cases."""

    def __init__(self, **waiting: int) -> None:
        self.waiting = waiting

    async def queued(self, priority: Priority, most: int) -> Sequence[Queued]:
        assert priority is Priority.INTERACTIVE
        return [
            Queued(tenant_id=tenant, workflow="help", priority=priority, cases=min(count, most), oldest=0)
            for tenant, count in self.waiting.items()
        ]


async def test_the_queue_takes_as_many_as_may_wait() -> None:
    queue = Queue(Cases(a=2, b=1), 5)
    await queue.look()
    for _ in range(2):
        queue.admit("a", HELP)
    with pytest.raises(Overloaded) as refused:
        queue.admit("a", HELP)
    assert refused.value.values == {"waiting": "5", "most": "5", "retry_after": "5"}
    with pytest.raises(Overloaded):
        queue.admit("b", HELP)


async def test_a_workflow_at_its_own_limit_leaves_the_others_alone() -> None:
    queue = Queue(Cases(a=3), 100)
    await queue.look()
    with pytest.raises(WorkflowFull) as refused:
        queue.admit("a", NARROW)
    assert (refused.value.values["workflow"], refused.value.values["most"]) == ("help", "3")
    queue.admit("a", HELP)
    queue.admit("b", NARROW)


async def test_nobody_may_wait_where_none_may() -> None:
    with pytest.raises(Overloaded):
        Queue(Cases(), 0).admit("a", HELP)


async def test_the_pause_follows_how_quickly_the_queue_moves() -> None:
    cases = Cases(a=5000)
    queue = Queue(cases, 1000)
    await queue.look()
    cases.waiting = {"a": 4999}
    await queue.look()
    with pytest.raises(Overloaded) as refused:
        queue.admit("a", HELP)
    assert 1 <= refused.value.retry_after <= LONGEST_PAUSE


async def test_what_was_admitted_counts_until_the_next_look_counts_again() -> None:
    cases = Cases(a=0)
    queue = Queue(cases, 2)
    await queue.look()
    queue.admit("a", HELP)
    queue.admit("a", HELP)
    with pytest.raises(Overloaded):
        queue.admit("a", HELP)
    await queue.look()
    queue.admit("a", HELP)
