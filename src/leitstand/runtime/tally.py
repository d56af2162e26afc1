"""How often did what happen in this process? Counted from the events that were saved, never from anything else."""

from bisect import bisect_left
from collections.abc import Callable

from leitstand.domain import event as happened
from leitstand.domain import metric
from leitstand.domain.case import STATUS_OF, Case, Priority, Status
from leitstand.domain.event import Event
from leitstand.domain.guardrail import Outcome
from leitstand.domain.message import NANOS
from leitstand.domain.metric import SECONDS, Buckets, Labels, Metric, Numbers
from leitstand.domain.review import Verb
from leitstand.ports import Change

MOST_VALUES = 1_000
"""Different labels of one metric; what comes after them is counted under ``other``."""

SloOf = Callable[[str], float | None]
"""Digest of a release to the response time that it promises, in seconds."""


class Tally:
    """Counts; touched by the event loop only, and plain dictionaries, because every case pays for it."""

    def __init__(self, slo_of: SloOf = lambda _: None) -> None:
        self.numbers: Numbers = {each.name: {} for each in metric.METRICS if each.kind is metric.Kind.COUNTER}
        self.histograms: dict[str, dict[Labels, Buckets]] = {
            each.name: {} for each in metric.METRICS if each.kind is metric.Kind.HISTOGRAM
        }
        self._slo_of = slo_of
        self._targets: dict[tuple[str, int], tuple[str, str]] = {}

    def saved(self, change: Change) -> None:
        """Count the events of a change that is durable."""
        for event in change.events:
            self._count(change.case, event)

    def answered(self, handler: str, status: int, code: str, seconds: float) -> None:
        """Count an HTTP request; ``code`` is that of its error, empty when there was none."""
        self.add(metric.REQUESTS, (handler, str(status)))
        self.measure(metric.REQUEST_SECONDS, (handler,), seconds)
        if code:
            self.add(metric.REQUEST_ERRORS, (code,))

    def add(self, counted: Metric, labels: Labels, amount: float = 1) -> None:
        """Let a counter grow."""
        values = self.numbers[counted.name]
        if labels not in values and len(values) >= MOST_VALUES:
            labels = ("other",) * len(labels)
        values[labels] = values.get(labels, 0) + amount

    def measure(self, measured: Metric, labels: Labels, seconds: float) -> None:
        """Put a duration into its bucket."""
        series = self.histograms[measured.name]
        buckets = series.get(labels)
        if buckets is None:
            if len(series) >= MOST_VALUES:
                labels = ("other",) * len(labels)
            buckets = series.setdefault(labels, Buckets(counts=[0] * (len(SECONDS) + 1)))
        buckets.counts[bisect_left(SECONDS, seconds)] += 1
        buckets.total += seconds

    def _count(self, case: Case, event: Event) -> None:
        match event.body:
            case happened.CaseAccepted() as accepted:
                priority = Priority(accepted.priority).name.lower()
                self.add(metric.CASES_ACCEPTED, (case.workflow, accepted.channel, priority))
            case happened.CaseRetrieved(duration=duration):
                self.measure(metric.RETRIEVAL, (case.workflow,), duration / 1e6)
            case happened.ModelCallIntended() as intended:
                self._targets[case.release_digest, intended.target] = (intended.provider, intended.model)
            case happened.ModelCallFinished() as call:
                self._count_call(self._targets.get((case.release_digest, call.target), ("other", "other")), call)
            case happened.CaseDrafted(fallback=fallback):
                self.add(metric.DRAFTS, (case.workflow, "fallback" if fallback else "first"))
            case happened.DraftMissed():
                self.add(metric.DRAFTS, (case.workflow, "missed"))
            case happened.CaseChecked(verdicts=verdicts):
                for given in verdicts:
                    self.add(metric.VERDICTS, (case.workflow, given.guard, given.verdict.value))
            case _:
                self._count_turn(case, event)

    def _count_call(self, target: tuple[str, str], call: happened.ModelCallFinished) -> None:
        self.add(metric.MODEL_CALLS, (*target, call.error or "ok"))
        self.measure(metric.MODEL_SECONDS, target, call.duration / 1e6)
        for kind, tokens in (("input", call.input_tokens), ("output", call.output_tokens)):
            if tokens:
                self.add(metric.MODEL_TOKENS, (*target, kind), tokens)
        if call.cost is None:
            self.add(metric.MODEL_UNPRICED, target)
        else:
            self.add(metric.MODEL_COST, (*target, call.currency), call.cost / NANOS)

    def _count_turn(self, case: Case, event: Event) -> None:
        """Count what brings a case to an end, to a person, or back to its step."""
        match event.body:
            case happened.CaseDecided(outcome=outcome):
                self._count_answer(case, event)
                if outcome is not Outcome.DELIVER:
                    self.add(metric.CASES, (case.workflow, STATUS_OF[outcome].value))
            case happened.CaseQuarantined():
                self.add(metric.QUARANTINED, (case.workflow,))
                self._count_answer(case, event)
                self.add(metric.CASES, (case.workflow, Status.ESCALATED.value))
            case happened.ReviewDecided(verb=verb):
                self.add(metric.DECIDED, (case.workflow, verb.value))
                if verb is Verb.REJECT:
                    self.add(metric.CASES, (case.workflow, Status.REJECTED.value))
            case happened.CaseInterrupted():
                self.add(metric.INTERRUPTIONS, (case.workflow,))
            case happened.CaseFailed(reason=reason):
                self.add(metric.CASES_FAILED, (case.workflow, reason))
                self.add(metric.CASES, (case.workflow, Status.FAILED.value))
            case _:
                self._count_delivery(case, event)

    def _count_answer(self, case: Case, event: Event) -> None:
        seconds, promised = (event.at - case.accepted_at) / 1e6, self._slo_of(case.release_digest)
        self.measure(metric.RESPONSE, (case.workflow,), seconds)
        if promised is not None and seconds <= promised:
            self.add(metric.CASES_IN_TIME, (case.workflow,))

    def _count_delivery(self, case: Case, event: Event) -> None:
        match event.body:
            case happened.DeliveryFailed(retry_at=retry_at):
                self.add(metric.DELIVERIES, (case.workflow, "retried" if retry_at is not None else "refused"))
            case happened.CaseDelivered():
                self.add(metric.DELIVERIES, (case.workflow, "delivered"))
                self.add(metric.CASES, (case.workflow, Status.DELIVERED.value))
            case _:
                pass
