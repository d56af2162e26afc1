"""How many of a workflow's calls of the last minute were retries?"""

from leitstand.domain.model_chain import RETRY_WINDOW, may_retry
from leitstand.domain.recent import Counts, Recent, added, turned

Workflow = tuple[str, str]
"""Tenant and name."""


class Retries:
    """Counts the calls of this process, so that retries stay a share of them: a storm begins with everybody's retry."""

    def __init__(self) -> None:
        self._recent: dict[Workflow, Recent] = {}

    def called(self, workflow: Workflow, at: int, *, again: bool) -> None:
        """A call leaves; ``again`` says that it is a retry or a second request."""
        recent = self._recent.get(workflow, Recent())
        self._recent[workflow] = added(recent, at, RETRY_WINDOW, Counts(1, int(again)))

    def may(self, workflow: Workflow, at: int, percent: float) -> bool:
        """Whether the workflow may call once more for what it called for already."""
        return may_retry(turned(self._recent.get(workflow, Recent()), at, RETRY_WINDOW).counts, percent)
