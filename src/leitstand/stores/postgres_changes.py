"""How do many changes become one statement? Openings and later changes, their rows as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from leitstand.domain.case import Case, CaseSummary
from leitstand.domain.errors import IdempotencyConflict, LeaseLost
from leitstand.encoding import new_salt
from leitstand.ports import Admission
from leitstand.stores.case_rows import from_row
from leitstand.stores.change_rows import Written, fingerprint
from leitstand.stores.postgres_committer import UNKNOWN, Unknown
from leitstand.stores.postgres_connections import Connection, Row, columns, fetch

_EVENT = ("tenant_id", "case_id", "seq")
_CONTENT = ("tenant_id", "case_id", "name")
_EFFECT = ("tenant_id", "case_id", "number", "key", "not_before", "done_at")
_KEY = ("tenant_id", "workflow", "key", "case_id")

_ENCODE = msgspec.json.Encoder().encode


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
        for opening in batch:
            opening.written.row["numbers"] = opening.numbers
        values = {**_rows([opening.written for opening in batch]), **_keys(batch)}
        values["wrapped"] = [opening.wrapped for opening in batch]
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
        numbers = _numbers(
            await fetch(connection, "opened_numbers", **columns(("tenant_id", "case_id", "seq", "payload"), first))
        )
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
        for appending in batch:
            appending.written.row["due_to"] = appending.due_to
        values = _rows([appending.written for appending in batch])
        moved = {row["case_id"] for row in await fetch(connection, "append_changes", **values)}
        return [None if appending.key in moved else LeaseLost(case_id=appending.key) for appending in batch]

    async def find(self, connection: Connection, batch: Sequence[Appending]) -> list[Unknown | None]:
        """See ``Writes.find``."""
        last = [appending.written.events[-1] for appending in batch]
        rows = await fetch(connection, "appended_cases", **columns(("tenant_id", "case_id", "seq", "payload"), last))
        there = {row["case_id"] for row in rows}
        return [None if appending.key in there else UNKNOWN for appending in batch]


def _rows(batch: Sequence[Written]) -> dict[str, object]:
    """The rows of a batch as JSON arrays, and what is binary in them beside."""
    events = [row for written in batch for row in written.events]
    contents = [row for written in batch for row in written.contents]
    effects = [row for written in batch for row in written.effects]
    return {
        "cases": _json([written.row for written in batch]),
        "events": _json([dict(zip(_EVENT, row[:3], strict=True)) for row in events]),
        "payloads": [row[3] for row in events],
        "contents": _json([dict(zip(_CONTENT, row[:3], strict=True)) for row in contents]),
        "salts": [row[3] for row in contents],
        "sealed": [row[4] for row in contents],
        "effects": _json([dict(zip(_EFFECT, row, strict=True)) for row in effects]),
    }


def _keys(batch: Sequence[Opening]) -> dict[str, object]:
    """The idempotency keys of a batch, each with the salted fingerprint of its request."""
    keyed = [(opening.case, opening.admission, new_salt()) for opening in batch if opening.admission]
    places = [(case.tenant_id, case.workflow, admission.key, case.case_id) for case, admission, _ in keyed]
    return {
        "keys": _json([dict(zip(_KEY, place, strict=True)) for place in places]),
        "key_salts": [salt for _, _, salt in keyed],
        "fingerprints": [fingerprint(salt, admission.request) for _, admission, salt in keyed],
    }


def _json(rows: list[dict[str, object]]) -> str:
    return _ENCODE(rows).decode()


def _numbers(rows: Sequence[Row]) -> dict[str, int]:
    return {row["case_id"]: row["number"] for row in rows}
