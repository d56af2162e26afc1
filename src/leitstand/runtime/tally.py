"""How often did what happen in this process? Counted from the events that were saved, never from anything else."""

from bisect import bisect_left
from collections.abc import Callable
from typing import Any

from leitstand.domain import event as happened
from leitstand.domain import metric
from leitstand.domain.case import STATUS_OF, Case, Priority, Status
from leitstand.domain.event import Body
from leitstand.domain.fallback import why_left
from leitstand.domain.guardrail import Outcome
from leitstand.domain.metric import DIGITS, SECONDS, Buckets, Labels, Metric, Numbers
from leitstand.domain.price import NANOS
from leitstand.domain.review import Verb
from leitstand.domain.tool_event import ToolEvent
from leitstand.ports import Change

MOST_VALUES = 1_000
"""Different labels of one metric; what comes after them is counted under ``other``."""

SloOf = Callable[[str], float | None]
"""Digest of a release to the response time that it promises, in seconds."""

Count = Callable[[Case, Any, int], None]
"""Counts what a body says of a case at a time."""


class Tally:
    """Counts; touched by the event loop only, and plain dictionaries, because every case pays for it."""

    def __init__(self, slo_of: SloOf = lambda _: None) -> None:
        self.numbers: Numbers = {each.name: {} for each in metric.METRICS if each.kind is metric.Kind.COUNTER}
        self.histograms: dict[str, dict[Labels, Buckets]] = {
            each.name: {} for each in metric.METRICS if each.kind is metric.Kind.HISTOGRAM
        }
        self._slo_of = slo_of
        self._targets: dict[tuple[str, int], tuple[str, str]] = {}
        self._counting: dict[type[Body], Count] = {
            happened.CaseAccepted: self._accepted,
            happened.CaseRetrieved: self._retrieved,
            happened.ModelCallIntended: self._intended,
            happened.ModelCallFinished: self._called,
            happened.ModelCallWithheld: self._withheld,
            happened.ModelCallReused: self._reused,
            happened.ToolCallRefused: self._tool,
            happened.ToolCallProposed: self._tool,
            happened.ToolCallFinished: self._tool,
            happened.CaseDrafted: self._drafted,
            happened.DraftMissed: self._missed,
            happened.CaseChecked: self._checked,
            happened.CaseDecided: self._decided,
            happened.ReviewDecided: self._reviewed,
            happened.DeliveryFailed: self._refused,
            happened.CaseDelivered: self._delivered,
            happened.CaseInterrupted: self._interrupted,
            happened.CaseQuarantined: self._quarantined,
            happened.CaseFailed: self._failed,
        }

    def saved(self, change: Change) -> None:
        """Count the events of a change that is durable."""
        case = change.case
        for event in change.events:
            body = event.body
            if count := self._counting.get(type(body)):
                count(case, body, event.at)

    def answered(self, handler: str, status: int, code: str, seconds: float) -> None:
        """Count an HTTP request; ``code`` is that of its error, empty when there was none."""
        self.add(metric.REQUESTS, (handler, str(status)))
        self.measure(metric.REQUEST_SECONDS, (handler,), seconds)
        if code:
            self.add(metric.REQUEST_ERRORS, (code,))

    def add(self, counted: Metric, labels: Labels, amount: float = 1) -> None:
        """Let a counter grow."""
        values = self.numbers[counted.name]
        try:
            values[labels] += amount
        except KeyError:
            kept = labels if len(values) < MOST_VALUES else ("other",) * len(labels)
            values[kept] = values.get(kept, 0) + amount

    def measure(self, measured: Metric, labels: Labels, seconds: float) -> None:
        """Put a duration into its bucket."""
        series = self.histograms[measured.name]
        buckets = series.get(labels)
        if buckets is None:
            kept = labels if len(series) < MOST_VALUES else ("other",) * len(labels)
            buckets = series.setdefault(kept, Buckets(counts=[0] * (len(SECONDS) + 1)))
        buckets.counts[bisect_left(SECONDS, seconds)] += 1
        buckets.total += seconds

    def _accepted(self, case: Case, body: happened.CaseAccepted, _at: int) -> None:
        self.add(metric.CASES_ACCEPTED, (case.workflow, body.channel, PRIORITIES[body.priority]))

    def _retrieved(self, case: Case, body: happened.CaseRetrieved, _at: int) -> None:
        self.measure(metric.RETRIEVAL, (case.workflow,), body.duration / 1e6)

    def _intended(self, case: Case, body: happened.ModelCallIntended, _at: int) -> None:
        self._targets[case.release_digest, body.target] = (body.provider, body.model)

    def _called(self, case: Case, body: happened.ModelCallFinished, _at: int) -> None:
        target = self._targets.get((case.release_digest, body.target), ("other", "other"))
        self.add(metric.MODEL_CALLS, (*target, body.error or "ok"))
        self.measure(metric.MODEL_SECONDS, target, body.duration / 1e6)
        for kind, tokens in body.usage.by_class():
            if tokens:
                self.add(metric.MODEL_TOKENS, (*target, kind), tokens)
        if body.cost is None:
            self.add(metric.MODEL_UNPRICED, target)
        elif body.cost:
            self.add(metric.MODEL_COST, (*target, body.currency), body.cost / NANOS)

    def _withheld(self, _case: Case, body: happened.ModelCallWithheld, _at: int) -> None:
        self.add(metric.MODEL_WITHHELD, (body.provider, body.model, body.reason))

    def _reused(self, case: Case, body: happened.ModelCallReused, _at: int) -> None:
        self.add(metric.MODEL_REUSED, (case.workflow, body.how))

    def _tool(self, case: Case, body: ToolEvent, _at: int) -> None:
        outcome = "proposed"
        if isinstance(body, happened.ToolCallRefused):
            outcome = body.reason
        elif isinstance(body, happened.ToolCallFinished):
            outcome = body.error or "ok"
        self.add(metric.TOOL_CALLS, (case.workflow, body.tool or "unknown", outcome))

    def _drafted(self, case: Case, body: happened.CaseDrafted, _at: int) -> None:
        self._draft_ended(case, "fallback" if body.fallback else "first")

    def _missed(self, case: Case, _body: happened.DraftMissed, _at: int) -> None:
        self._draft_ended(case, "missed")

    def _draft_ended(self, case: Case, whence: str) -> None:
        release = case.release_digest[:DIGITS]
        self.add(metric.DRAFTS, (case.workflow, whence, release))
        if case.fallback:
            self.add(metric.FALLBACKS, (case.workflow, release, why_left(case.attempts)))

    def _checked(self, case: Case, body: happened.CaseChecked, _at: int) -> None:
        for given in body.verdicts:
            self.add(metric.VERDICTS, (case.workflow, given.guard, given.verdict))

    def _decided(self, case: Case, body: happened.CaseDecided, at: int) -> None:
        seconds, promised = (at - case.accepted_at) / 1e6, self._slo_of(case.release_digest)
        self.measure(metric.RESPONSE, (case.workflow,), seconds)
        if promised is not None and seconds <= promised:
            self.add(metric.CASES_IN_TIME, (case.workflow,))
        if body.outcome is not Outcome.DELIVER:
            self.add(metric.CASES, (case.workflow, STATUS_OF[body.outcome]))

    def _quarantined(self, case: Case, body: happened.CaseQuarantined, at: int) -> None:
        self.add(metric.QUARANTINED, (case.workflow,))
        put_before = happened.CaseDecided(outcome=Outcome.ESCALATE, reasons=(), due_at=body.due_at)
        self._decided(case, put_before, at)

    def _reviewed(self, case: Case, body: happened.ReviewDecided, _at: int) -> None:
        self.add(metric.DECIDED, (case.workflow, body.verb))
        if body.verb is Verb.REJECT:
            self.add(metric.CASES, (case.workflow, Status.REJECTED))

    def _refused(self, case: Case, body: happened.DeliveryFailed, _at: int) -> None:
        self.add(metric.DELIVERIES, (case.workflow, "retried" if body.retry_at is not None else "refused"))

    def _delivered(self, case: Case, _body: happened.CaseDelivered, _at: int) -> None:
        self.add(metric.DELIVERIES, (case.workflow, "delivered"))
        self.add(metric.CASES, (case.workflow, Status.DELIVERED))

    def _interrupted(self, case: Case, _body: happened.CaseInterrupted, _at: int) -> None:
        self.add(metric.INTERRUPTIONS, (case.workflow,))

    def _failed(self, case: Case, body: happened.CaseFailed, _at: int) -> None:
        self.add(metric.CASES_FAILED, (case.workflow, body.reason))
        self.add(metric.CASES, (case.workflow, Status.FAILED))


PRIORITIES = {priority.value: priority.name.lower() for priority in Priority}
"""Number to name."""
