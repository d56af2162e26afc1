"""How many cases wait for their turn, and may one more join them?"""

import math
import time

from leitstand.domain.case import Priority
from leitstand.domain.errors import Overloaded, WorkflowFull
from leitstand.domain.workflow import Workflow
from leitstand.ports import CaseStore

LONGEST_PAUSE = 60
"""Seconds after which anybody may ask again."""


class Queue:
    """What waits for its turn, as of the last look and with what joined since.

    Beyond ``most`` cases, and beyond what a workflow allows itself, a caller is asked to come back: what is accepted
    is done, and done in time.
    """

    def __init__(self, cases: CaseStore, most: int) -> None:
        self._cases = cases
        self.most = most
        self._waiting: dict[tuple[str, str], int] = {}
        self._total = 0
        self._looked = time.monotonic()
        self._rate = 0.0

    async def look(self) -> None:
        """Count again, and see how quickly the queue moves."""
        queued = await self._cases.queued(Priority.INTERACTIVE, self.most + 1)
        before, now = self._total, time.monotonic()
        self._waiting = {(one.tenant_id, one.workflow): one.cases for one in queued}
        self._total = sum(self._waiting.values())
        self._rate = max((before - self._total) / max(now - self._looked, 0.001), 0.0)
        self._looked = now

    def admit(self, tenant_id: str, workflow: Workflow) -> None:
        """Count one more, before it is stored; raises ``WorkflowFull`` or ``Overloaded`` when it is one too many.

        What is not stored in the end counts until the next look.
        """
        waiting, most = self._waiting.get((tenant_id, workflow.name), 0), workflow.limits.most_waiting
        if most and waiting >= most:
            raise WorkflowFull(waiting=waiting, most=most, workflow=workflow.name, retry_after=self._pause(waiting))
        if self._total >= self.most:
            raise Overloaded(waiting=self._total, most=self.most, retry_after=self._pause(self._total))
        self._waiting[tenant_id, workflow.name] = waiting + 1
        self._total += 1

    def _pause(self, waiting: int) -> int:
        """Seconds until a part of the queue is done, as quickly as it moved lately."""
        return min(max(math.ceil(waiting / 4 / self._rate), 1), LONGEST_PAUSE) if self._rate else 5
