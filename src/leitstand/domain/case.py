"""What do the events of a case add up to, and which step comes next?"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from leitstand.domain import event as happened
from leitstand.domain.attempt import WITHHELD, approved, given_up, used
from leitstand.domain.attempt import Attempt as Attempt
from leitstand.domain.event import Event
from leitstand.domain.guardrail import Outcome
from leitstand.domain.review import Verb
from leitstand.domain.tool import ToolUse, UseState
from leitstand.domain.workflow import Step, Workflow


class Priority(IntEnum):
    """In which order cases are taken up: what somebody waits for comes before what is filled in from a file."""

    INTERACTIVE = 0
    BACKFILL = 1


class Status(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    REVIEW = "review"
    ESCALATED = "escalated"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    FAILED = "failed"
    STOPPED = "stopped"


Changes = dict[str, Any]
"""Fields of a case with their new values."""

RUNNABLE = (Status.OPEN, Status.DELIVERING)
WAITING = (Status.REVIEW, Status.ESCALATED)
ENDED = (Status.DELIVERED, Status.REJECTED, Status.FAILED, Status.STOPPED)

MOST_INTERRUPTIONS = 3
"""A case that broke its step this often fails instead of being tried for ever."""

MOST_CRASHES = 3
"""A case that was under way when its process died, this often in a row and without a step forward, is quarantined."""

SUSPECT_CRASHES = 2
"""From so many crashes in a row on, a case is run with no other suspect beside it."""


class Case(NamedTuple):
    """A case as its events tell it.

    Times are UTC microseconds, ``cost`` nano-units of ``currency``; a None cost is unknown.
    A tuple, because a case is copied with every event, which takes a tenth of what it takes a dataclass.
    """

    tenant_id: str
    case_id: str
    workflow: str
    release_digest: str
    accepted_at: int
    priority: Priority = Priority.INTERACTIVE
    job: str = ""
    status: Status = Status.OPEN
    seq: int = 0
    epoch: int = 1
    done: frozenset[Step] = frozenset()
    language: str = ""
    attempts: tuple[Attempt, ...] = ()
    drafted: bool = False
    draft_commitment: str = ""
    fallback: bool = False
    cost: int | None = 0
    currency: str = ""
    outcome: Outcome | None = None
    reasons: tuple[str, ...] = ()
    due_at: int | None = None
    decision: Verb | None = None
    seconds_shown: int | None = None
    output: str = "draft"
    answered_at: int | None = None
    ended_at: int | None = None
    not_before: int = 0
    delivery_intended: bool = False
    delivery_attempts: int = 0
    interruptions: int = 0
    reused: bool = False

    @property
    def calls(self) -> int:
        """How many model calls have left so far, or were answered without leaving."""
        return sum(not attempt.withheld for attempt in self.attempts)

    @property
    def tool_uses(self) -> tuple[ToolUse, ...]:
        """What the models asked of tools; the first is call number 1."""
        return tuple(use for attempt in self.attempts for use in attempt.tools)

    @property
    def proposals(self) -> tuple[int, ...]:
        """The numbers of the calls that a person accepts or rejects with the draft; without one they lapse."""
        uses = enumerate(self.tool_uses, 1) if self.drafted else ()
        return tuple(number for number, use in uses if use.state is UseState.PROPOSED)

    @property
    def fell_back(self) -> bool:
        """Whether another target was tried than the one chosen first."""
        return any(attempt.target != self.attempts[0].target for attempt in self.attempts)


_PLACE = {name: place for place, name in enumerate(Case._fields)}
_SEQ, _EPOCH = _PLACE["seq"], _PLACE["epoch"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseSummary:
    """A case in a list: what its row holds beside the display number.

    ``repeated`` is only true when a request that came before under the same idempotency key brought the case back.
    """

    case: Case
    number: int
    repeated: bool = False


def next_step(case: Case, workflow: Workflow) -> Step | None:
    """The step that comes next; None when the case waits for a person or has ended."""
    if case.status is Status.DELIVERING:
        return Step.DELIVER
    if case.status is not Status.OPEN:
        return None
    return next(step for step in workflow.steps if step not in case.done)


def fold(events: Iterable[Event]) -> Case:
    """The case that the journal adds up to; the first event must be ``case.accepted``."""
    journal = iter(events)
    case = begin(next(journal))
    for event in journal:
        case = after(case, event)
    return case


def begin(event: Event) -> Case:
    """The case right after its acceptance."""
    body = event.body
    if not isinstance(body, happened.CaseAccepted):
        raise ValueError(f"a journal begins with case.accepted, not with {event.type}")
    return Case(
        tenant_id=event.tenant_id,
        case_id=event.case_id,
        workflow=body.workflow,
        release_digest=event.release_digest,
        accepted_at=event.at,
        priority=Priority(body.priority),
        job=body.job,
        seq=event.seq,
        epoch=event.epoch,
    )


def after(case: Case, event: Event) -> Case:
    """The case after one more event."""
    if event.seq != case.seq + 1 or event.case_id != case.case_id:
        raise ValueError(f"event {event.seq} of {event.case_id} does not follow {case.seq} of {case.case_id}")
    fields = list(case)
    fields[_SEQ], fields[_EPOCH] = event.seq, event.epoch
    for name, value in _changes(case, event).items():
        fields[_PLACE[name]] = value
    return Case._make(fields)


def _changes(case: Case, event: Event) -> Changes:  # noqa: PLR0911  one line an event reads best in one table
    """What the event changes, by field."""
    match event.body:
        case happened.CaseNormalised(language=language):
            return {**_done(case, Step.NORMALISE), "language": language}
        case happened.CaseRetrieved():
            return _done(case, Step.RETRIEVE)
        case happened.CaseDrafted(fallback=fallback):
            commitment = event.commitments.get("draft", "")
            return {**_done(case, Step.DRAFT), "drafted": True, "fallback": fallback, "draft_commitment": commitment}
        case happened.DraftMissed():
            return {**_done(case, Step.DRAFT), "fallback": case.fell_back}
        case happened.CaseChecked():
            return _done(case, Step.CHECK)
        case happened.CaseDecided() as decided:
            return _decided(case, decided, event.at)
        case happened.ReviewDecided() as review:
            return _reviewed(case, review, event.at)
        case _:
            return _called_or_ended(case, event)


def _called_or_ended(case: Case, event: Event) -> Changes:  # noqa: PLR0911  one line an event reads best in one table
    match event.body:
        case happened.ModelCallIntended(target=target):
            return {"attempts": (*case.attempts, Attempt(target=target))}
        case happened.ModelCallFinished() as call:
            return _call_finished(case, call)
        case happened.ModelCallWithheld(target=target, reason=reason):
            attempt = Attempt(target=target, error=WITHHELD + reason, retryable=False)
            return {"attempts": (*case.attempts, attempt)}
        case happened.ModelCallReused(target=target):
            return {"attempts": (*case.attempts, Attempt(target=target, error="")), "reused": True}
        case happened.ToolCallFinished(number=number, retry_at=retry_at) as tool:
            return {"attempts": used(case.attempts, number, tool), "not_before": retry_at or 0}
        case happened.ToolCallIntended() | happened.ToolCallProposed() | happened.ToolCallRefused() as tool:
            return {"attempts": used(case.attempts, tool.number, tool)}
        case _:
            return _delivered_or_ended(case, event)


def _done(case: Case, step: Step) -> Changes:
    return {"done": case.done | {step}, "not_before": 0}


def _halted(case: Case, event: Event) -> Changes:
    """A call that was under way may have been answered and charged: nobody knows."""
    attempts = given_up(case.attempts)
    changes: Changes = {} if attempts == case.attempts else {"attempts": attempts, "cost": None}
    ended = isinstance(event.body, happened.CaseStopped)
    return changes | ({"status": Status.STOPPED, "ended_at": event.at, "due_at": None} if ended else {})


def _call_finished(case: Case, call: happened.ModelCallFinished) -> Changes:
    """Costs add up; one unknown cost makes the sum unknown, and so do two currencies. Two calls may be under way."""
    attempt = Attempt(
        target=call.target,
        error=call.error,
        retryable=call.retryable,
        retry_after=call.retry_after,
        tools=(ToolUse(),) * call.tool_calls,
    )
    under_way = [n for n, each in enumerate(case.attempts) if each.error is None and each.target == call.target]
    place = under_way[-1] if under_way else len(case.attempts) - 1
    known = case.cost is not None and call.cost is not None and case.currency in ("", call.currency)
    cost = (case.cost or 0) + (call.cost or 0) if known else None
    attempts = (*case.attempts[:place], attempt, *case.attempts[place + 1 :])
    return {"attempts": attempts, "cost": cost, "currency": call.currency or case.currency}


STATUS_OF = {Outcome.DELIVER: Status.DELIVERING, Outcome.REVIEW: Status.REVIEW, Outcome.ESCALATE: Status.ESCALATED}


def _decided(case: Case, decided: happened.CaseDecided, at: int) -> Changes:
    return {
        **_done(case, Step.DECIDE),
        "status": STATUS_OF[decided.outcome],
        "outcome": decided.outcome,
        "reasons": decided.reasons,
        "due_at": decided.due_at,
        "answered_at": at,
    }


def _reviewed(case: Case, review: happened.ReviewDecided, at: int) -> Changes:
    changes: Changes = {"decision": review.verb, "seconds_shown": review.seconds_shown, "due_at": None}
    if review.verb is Verb.REJECT:
        return {**changes, "status": Status.REJECTED, "ended_at": at}
    changes["attempts"] = approved(case.attempts, review.tool_calls)
    return {**changes, "status": Status.DELIVERING, "output": "output" if review.verb is Verb.EDIT else "draft"}


def _failed(case: Case, reason: str, at: int) -> Changes:
    """One that failed for want of a draft says why where others say why they wait."""
    missed = Step.DRAFT in case.done and not case.drafted
    changes: Changes = {"status": Status.FAILED, "ended_at": at, "due_at": None}
    return changes | ({"reasons": (reason,)} if missed else {})


def _delivered_or_ended(case: Case, event: Event) -> Changes:  # noqa: PLR0911  one line an event
    match event.body:
        case happened.DeliveryIntended():
            return {"delivery_intended": True}
        case happened.DeliveryFailed(attempt=attempt, retry_at=retry_at):
            return {"delivery_attempts": attempt, "not_before": retry_at or 0}
        case happened.CaseDelivered(attempts=attempts):
            done = case.done | {Step.DELIVER}
            return {"status": Status.DELIVERED, "ended_at": event.at, "delivery_attempts": attempts, "done": done}
        case happened.CaseInterrupted(retry_at=retry_at):
            return {"interruptions": case.interruptions + 1, "not_before": retry_at or 0}
        case happened.CaseQuarantined(due_at=due_at):
            put_before = happened.CaseDecided(outcome=Outcome.ESCALATE, reasons=("quarantined",), due_at=due_at)
            return _decided(case, put_before, event.at)
        case happened.CaseFailed(reason=reason):
            return _failed(case, reason, event.at)
        case happened.CaseHalted() | happened.CaseStopped():
            return _halted(case, event)
        case _:
            raise ValueError(f"nobody knows what {event.type} does to a case")
