"""How does a case become a row, and a row a case again? The same for every database behind the ports."""

import json
from functools import cache
from operator import attrgetter
from typing import Any, Protocol

import msgspec

from leitstand.domain.case import Attempt, Case, CaseSummary, Priority, Status
from leitstand.domain.guardrail import Outcome
from leitstand.domain.review import Verb
from leitstand.domain.workflow import Step

attempts_of = msgspec.json.Decoder(tuple[Attempt, ...]).decode
"""The attempts of a case as its row has them."""
_ENCODE = msgspec.json.Encoder().encode

_AS_THEY_ARE = (
    "tenant_id", "case_id", "workflow", "release_digest", "accepted_at", "job", "seq", "epoch", "language", "cost",
    "currency", "draft_commitment", "due_at", "seconds_shown", "output", "answered_at", "ended_at", "not_before",
    "delivery_attempts", "interruptions",
)  # fmt: skip
_GET = attrgetter(*_AS_THEY_ARE)


class Row(Protocol):
    """A row whose values are found by column name."""

    def __getitem__(self, column: str, /) -> Any:
        """The value of a column."""
        ...


def to_row(case: Case) -> dict[str, object]:
    """Column name to value for every field of the case; display number and owner are the store's own."""
    row: dict[str, object] = dict(zip(_AS_THEY_ARE, _GET(case), strict=True))
    row["priority"] = int(case.priority)
    row["status"] = case.status.value
    row["outcome"] = None if case.outcome is None else case.outcome.value
    row["decision"] = None if case.decision is None else case.decision.value
    row["drafted"] = int(case.drafted)
    row["fallback"] = int(case.fallback)
    row["reused"] = int(case.reused)
    row["delivery_intended"] = int(case.delivery_intended)
    row["reasons"] = _json(case.reasons)
    row["done"] = _done(case.done)
    row["attempts"] = _json(case.attempts)
    return row


def _json(values: tuple[object, ...]) -> str:
    return _ENCODE(values).decode() if values else "[]"


@cache
def _done(steps: frozenset[Step]) -> str:
    """The steps as JSON; there are few sets of them."""
    return _json(tuple(sorted(steps)))


def from_row(row: Row) -> CaseSummary:
    """The case of a row with its display number."""
    fields = {name: row[name] for name in _AS_THEY_ARE}
    case = Case(
        **fields,
        priority=Priority(row["priority"]),
        status=Status(row["status"]),
        outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
        decision=None if row["decision"] is None else Verb(row["decision"]),
        drafted=bool(row["drafted"]),
        fallback=bool(row["fallback"]),
        reused=bool(row["reused"]),
        delivery_intended=bool(row["delivery_intended"]),
        reasons=tuple(json.loads(row["reasons"])),
        done=frozenset(map(Step, json.loads(row["done"]))),
        attempts=attempts_of(row["attempts"]),
    )
    return CaseSummary(case=case, number=row["number"])
