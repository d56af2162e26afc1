"""What does a case look like in JSON?"""

from datetime import UTC, datetime, timedelta

import msgspec

from leitstand.domain.case import Case, CaseSummary, Status
from leitstand.domain.guardrail import Outcome
from leitstand.domain.price import decimal
from leitstand.domain.review import Verb

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Money as a decimal string with its currency; no currency as long as no model was paid."""

    amount: str
    currency: str | None


class CaseJson(msgspec.Struct, frozen=True, kw_only=True):
    """A case as the API shows it, with times of RFC 3339 in UTC.

    ``cost`` is null when it is unknown, and ``cost_known`` says so. ``draft`` is the commitment of the draft, never the
    draft itself: a decision names it, and ``output`` appears once it is delivered. ``tool_calls`` are the numbers of
    the tool calls that happen when the draft is accepted.
    """

    id: str
    number: int
    workflow: str
    release: str
    status: Status
    outcome: Outcome | None
    reasons: tuple[str, ...]
    language: str | None
    decision: Verb | None
    fallback: bool
    cost: Cost | None
    cost_known: bool
    draft: str | None
    tool_calls: tuple[int, ...]
    accepted_at: datetime
    answered_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    output: msgspec.Raw | msgspec.UnsetType | None = msgspec.UNSET


class CaseList(msgspec.Struct, frozen=True, kw_only=True):
    """Cases, newest first, without their outputs; ``next`` is ``before`` for the next page, null on the last."""

    cases: tuple[CaseJson, ...]
    next: str | None


def moment(micros: int) -> datetime:
    """UTC microseconds as a time."""
    return _EPOCH + timedelta(microseconds=micros)


def case_json(summary: CaseSummary, output: bytes | msgspec.UnsetType | None = msgspec.UNSET) -> CaseJson:
    """The JSON of a case; ``output`` is JSON already, None when there is none yet, left out in lists."""
    case = summary.case
    return CaseJson(
        id=case.case_id,
        number=summary.number,
        workflow=case.workflow,
        release=case.release_digest,
        status=case.status,
        outcome=case.outcome,
        reasons=case.reasons,
        language=case.language or None,
        decision=case.decision,
        fallback=case.fallback,
        cost=_cost(case),
        cost_known=case.cost is not None,
        draft=case.draft_commitment or None,
        tool_calls=case.proposals,
        accepted_at=moment(case.accepted_at),
        answered_at=_moment(case.answered_at),
        due_at=_moment(case.due_at),
        ended_at=_moment(case.ended_at),
        output=msgspec.Raw(output) if isinstance(output, bytes) else output,
    )


def _cost(case: Case) -> Cost | None:
    return None if case.cost is None else Cost(amount=decimal(case.cost), currency=case.currency or None)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else moment(micros)
