"""How do many changes become one statement? Openings and later changes, each with an array for each column."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from leitstand.domain.case import Case, CaseSummary
from leitstand.domain.errors import IdempotencyConflict, LeaseLost
from leitstand.encoding import new_salt
from leitstand.ports import Admission
from leitstand.stores.case_rows import from_row
from leitstand.stores.change_rows import Written, fingerprint
from leitstand.stores.postgres_committer import UNKNOWN, Unknown
from leitstand.stores.postgres_connections import Connection, Row, columns, fetch

_CASE = (
    "tenant_id", "case_id", "workflow", "release_digest", "priority", "job", "status", "seq", "epoch", "owner",
    "touched_at", "not_before", "accepted_at", "answered_at", "ended_at", "due_at", "outcome", "decision", "fallback",
    "cost", "currency", "seconds_shown", "language", "output", "drafted", "draft_commitment", "delivery_intended",
    "delivery_attempts", "interruptions", "reasons", "done", "attempts",
)  # fmt: skip
_CASE_VALUES = itemgetter(*_CASE)
_EVENT = ("tenant_id", "case_id", "seq", "payload")
_EVENTS = ("event_tenant_id", "event_case_id", "event_seq", "payload")
_CONTENTS = ("content_tenant_id", "content_case_id", "name", "salt", "sealed")
_EFFECTS = (
    "effect_tenant_id", "effect_case_id", "effect_number", "effect_key", "effect_not_before", "done_at",
)  # fmt: skip
_KEYS = ("key_tenant_id", "key_workflow", "key", "key_salt", "fingerprint", "key_case_id")

Columns = dict[str, Sequence[object]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A new case with its rows, its wrapped data key, and the sequence that numbers the cases of its tenant."""

    case: Case
    written: Written
    wrapped: bytes
    numbers: str
    admission: Admission | None

    @property
    def key(self) -> str:
        """The case that it changes."""
        return self.case.case_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Appending:
    """What is added to a case whose journal ends at ``due_to``."""

    case: Case
    written: Written
    due_to: int

    @property
    def key(self) -> str:
        """The case that it changes."""
        return self.case.case_id


class Openings:
    """Writes new cases; the outcome is the case with its number, or the one that was opened with the same key."""

    async def write(self, connection: Connection, batch: Sequence[Opening]) -> list[CaseSummary | IdempotencyConflict]:
        """See ``Writes.write``."""
        values = _columns_of([opening.written for opening in batch])
        values["numbers"] = [opening.numbers for opening in batch]
        values["wrapped"] = [opening.wrapped for opening in batch]
        values |= columns(_KEYS, [_key_row(opening, opening.admission) for opening in batch if opening.admission])
        numbers = _numbers(await fetch(connection, "open_cases", **values))
        repeated = await self._earlier(connection, [opening for opening in batch if opening.key not in numbers])
        return [
            repeated[opening.key]
            if opening.key in repeated
            else CaseSummary(case=opening.case, number=numbers[opening.key])
            for opening in batch
        ]

    async def find(self, connection: Connection, batch: Sequence[Opening]) -> list[CaseSummary | Unknown]:
        """See ``Writes.find``."""
        first = [opening.written.events[0] for opening in batch]
        numbers = _numbers(await fetch(connection, "opened_numbers", **columns(_EVENT, first)))
        return [
            CaseSummary(case=opening.case, number=numbers[opening.key]) if opening.key in numbers else UNKNOWN
            for opening in batch
        ]

    async def _earlier(
        self, connection: Connection, repeated: Sequence[Opening]
    ) -> dict[str, CaseSummary | IdempotencyConflict]:
        """By case id, what was opened under the same key before."""
        asked = [(opening, opening.admission) for opening in repeated if opening.admission]
        places = [(opening.case.tenant_id, opening.case.workflow, admission.key) for opening, admission in asked]
        if not asked:
            return {}
        rows = await fetch(connection, "admitted", **columns(("tenant_id", "workflow", "key"), places))
        found: dict[str, CaseSummary | IdempotencyConflict] = {}
        for row in rows:
            opening, admission = asked[row["place"] - 1]
            same = fingerprint(row["salt"], admission.request) == row["fingerprint"]
            found[opening.key] = from_row(row) if same else IdempotencyConflict(key=admission.key)
        return found


class Appendings:
    """Writes what is added to cases; the outcome is None, or ``LeaseLost``."""

    async def write(self, connection: Connection, batch: Sequence[Appending]) -> list[LeaseLost | None]:
        """See ``Writes.write``."""
        values = _columns_of([appending.written for appending in batch])
        values["due_to"] = [appending.due_to for appending in batch]
        moved = {row["case_id"] for row in await fetch(connection, "append_changes", **values)}
        return [None if appending.key in moved else LeaseLost(case_id=appending.key) for appending in batch]

    async def find(self, connection: Connection, batch: Sequence[Appending]) -> list[Unknown | None]:
        """See ``Writes.find``."""
        last = [appending.written.events[-1] for appending in batch]
        rows = await fetch(connection, "appended_cases", **columns(_EVENT, last))
        there = {row["case_id"] for row in rows}
        return [None if appending.key in there else UNKNOWN for appending in batch]


def _columns_of(batch: Sequence[Written]) -> Columns:
    """All columns of all rows but those of keys."""
    return {
        **columns(_CASE, [_CASE_VALUES(written.row) for written in batch]),
        **columns(_EVENTS, [row for written in batch for row in written.events]),
        **columns(_CONTENTS, [row for written in batch for row in written.contents]),
        **columns(_EFFECTS, [row for written in batch for row in written.effects]),
    }


def _key_row(opening: Opening, admission: Admission) -> tuple[object, ...]:
    salt = new_salt()
    case = opening.case
    return case.tenant_id, case.workflow, admission.key, salt, fingerprint(salt, admission.request), case.case_id


def _numbers(rows: Sequence[Row]) -> dict[str, int]:
    return {row["case_id"]: row["number"] for row in rows}
