"""How are cases kept in SQLite? Writes as operations of the one writer, reads beside it."""

import json
import sqlite3
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leitstand.domain.case import RUNNABLE, Case, CaseSummary, Priority, Status
from leitstand.domain.errors import IdempotencyConflict, LeaseLost
from leitstand.domain.event import Event
from leitstand.domain.fallback import Way
from leitstand.domain.figures import Figures
from leitstand.encoding import decode_event, new_salt
from leitstand.ports import Admission, Backlog, CaseFilter, Change, Claimed, Clock, Queued, Vacancy
from leitstand.stores.case_rows import from_row
from leitstand.stores.change_rows import DROPPED_AFTER, Written, case_of, fingerprint, opened_contents, rows_of
from leitstand.stores.figure_rows import add_up, way_of
from leitstand.stores.finding import finding
from leitstand.stores.sealed_content import CaseKeys, TenantKeys
from leitstand.stores.sqlite_queries import SQL, positional
from leitstand.stores.sqlite_reader import Reader
from leitstand.stores.sqlite_writer import NoWriter, Writer

INSERT_CASE = positional("insert_case")
ADVANCE_CASE = positional("advance_case")

_Taken = tuple[str, int, int, list[bytes]]
"""Case id, epoch, crashes, journal."""


class SqliteCases:
    """The ``CaseStore`` on one SQLite file; ``instance`` names this process as the owner of the cases it works on."""

    def __init__(
        self, writer: Writer | NoWriter, reader: Reader, tenants: TenantKeys, clock: Clock, instance: str
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._tenants = tenants
        self._keys = CaseKeys(tenants)
        self._clock = clock
        self._instance = instance
        self._known: set[str] = set()

    async def open(self, change: Change, admission: Admission | None) -> CaseSummary:
        """Store a new case; see ``CaseStore.open``."""
        case = change.case
        wrapped, cipher = self._keys.create(case.tenant_id, case.case_id)
        written = self._rows_of(change, cipher)
        row = INSERT_CASE.values(written.row)
        key_check = None if case.tenant_id in self._known else self._tenants.check(case.tenant_id)
        salt = new_salt()

        def operation(connection: sqlite3.Connection) -> CaseSummary:
            if admission and (earlier := _admit(connection, case, admission, salt)):
                return earlier
            number = connection.execute(INSERT_CASE.text, row).fetchall()[0][0]
            if key_check:
                connection.execute(SQL["insert_tenant"], (case.tenant_id, key_check))
            connection.execute(SQL["insert_case_key"], (case.tenant_id, case.case_id, wrapped))
            _insert(connection, written)
            return CaseSummary(case=case, number=number)

        summary = await self._writer.run(operation)
        if change.kept and summary.case.case_id == case.case_id:
            self._keys.keep(case.tenant_id, case.case_id, cipher)
        self._known.add(case.tenant_id)
        return summary

    async def known(self, tenant_id: str, workflow: str, keys: Sequence[str]) -> frozenset[str]:
        """Which of these keys were admitted before."""
        values = {"tenant_id": tenant_id, "workflow": workflow, "keys": json.dumps(list(keys))}
        return frozenset(row["key"] for row in await self._reader.rows(SQL["known"], values))

    async def append(self, change: Change, *, due_to: int) -> None:
        """Add events; see ``CaseStore.append``."""
        case = change.case
        cipher = await self._cipher(case) if change.contents else None
        written = self._rows_of(change, cipher)
        written.row["due_to"] = due_to
        row = ADVANCE_CASE.values(written.row)

        def operation(connection: sqlite3.Connection) -> None:
            if connection.execute(ADVANCE_CASE.text, row).rowcount == 0:
                raise LeaseLost(case_id=case.case_id)
            _insert(connection, written)

        await self._writer.run(operation)
        if case.status not in RUNNABLE:
            self._keys.forget(case.tenant_id, case.case_id)

    async def events(self, tenant_id: str, case_id: str) -> tuple[Event, ...]:
        """The journal in order."""
        rows = await self._reader.rows(SQL["events"], (tenant_id, case_id))
        return tuple(decode_event(row[0]) for row in rows)

    async def contents(self, tenant_id: str, case_id: str, names: Sequence[str] = ()) -> dict[str, bytes]:
        """Decrypted contents by name; what does not open any more is missing, and the log says so."""
        values = {"tenant_id": tenant_id, "case_id": case_id, "names": json.dumps(list(names))}
        return opened_contents(await self._reader.rows(SQL["contents"], values), self._keys, tenant_id, case_id)

    async def summary(self, tenant_id: str, case_id: str) -> CaseSummary | None:
        """The row of one case by id or display number."""
        by_number = case_id.isascii() and case_id.isdigit() and len(case_id) < 19
        query, key = (SQL["case_by_number"], int(case_id)) if by_number else (SQL["case_by_id"], case_id)
        rows = await self._reader.rows(query, (tenant_id, key))
        return from_row(rows[0]) if rows else None

    async def find(self, tenant_id: str, wanted: CaseFilter) -> tuple[CaseSummary, ...]:
        """Rows that the filter wants."""
        statement, values = finding(tenant_id, wanted)
        return tuple(from_row(row) for row in await self._reader.rows(statement, values))

    async def figures(self, tenant_id: str, workflow: str, *, since: int, in_time: int) -> Figures:
        """What the cases add up to; costs over cases that were answered or have ended."""
        values = {"tenant_id": tenant_id, "workflow": workflow, "since": since, "in_time": in_time}
        return add_up(await self._reader.rows(SQL["figures"], values))

    async def ways(self, tenant_id: str, workflow: str, *, since: int) -> tuple[Way, ...]:
        """Which ways the answered cases went."""
        values = {"tenant_id": tenant_id, "workflow": workflow, "since": since}
        return tuple(way_of(row) for row in await self._reader.rows(SQL["ways"], values))

    async def waiting(self, tenant_id: str) -> dict[tuple[str, str], int]:
        """How many cases wait for a person, per workflow and status."""
        rows = await self._reader.rows(SQL["waiting"], {"tenant_id": tenant_id})
        return {(row["workflow"], row["status"]): row["cases"] for row in rows}

    async def job(self, tenant_id: str, job: str, among: Sequence[str] = ()) -> dict[str, int]:
        """How many cases a job has by status."""
        values = {"tenant_id": tenant_id, "job": job, "among": json.dumps(list(among or Status))}
        return {row["status"]: row["cases"] for row in await self._reader.rows(SQL["job"], values)}

    async def claim(self, vacancy: Vacancy) -> tuple[Claimed, ...]:
        """Take over what is due and unowned; the case is what its journal says, under the raised epoch."""
        now = self._clock()
        values = {
            "owner": self._instance,
            "now": now,
            "limit": vacancy.limit,
            "priority": int(vacancy.priority),
            "skip": json.dumps(list(vacancy.skip)),
            "full": json.dumps(list(vacancy.full)),
            "untouched_since": now - DROPPED_AFTER,
        }
        due_cases = SQL["due_suspects" if vacancy.suspects else "due_cases"]

        def operation(connection: sqlite3.Connection) -> list[_Taken]:
            connection.execute(SQL["release_dropped"], values)
            due = connection.execute(due_cases, values).fetchall()
            return [_take_over(connection, {**values, "tenant_id": tenant, "case_id": case}) for tenant, case in due]

        claimed = (case_of(*taken) for taken in await self._writer.run(operation))
        return tuple(case for case in claimed if case)

    async def queued(self, priority: Priority, most: int) -> tuple[Queued, ...]:
        """What is due and run nowhere."""
        values = {"priority": int(priority), "now": self._clock(), "most": most}
        rows = await self._reader.rows(SQL["queued"], values)
        return tuple(Queued(priority=priority, **dict(row)) for row in rows)

    async def backlog(self, most: int) -> tuple[Backlog, ...]:
        """What is not done yet."""
        rows = await self._reader.rows(SQL["backlog"], {"now": self._clock(), "most": most})
        return tuple(Backlog(**dict(row)) for row in rows)

    async def hand_back(self) -> None:
        """Let whoever comes next go on with what this process held."""
        await self._writer.run(lambda connection: connection.execute(SQL["hand_back"], {"owner": self._instance}))

    async def holds(self, case: Case) -> bool:
        """Whether the case stands where this process left it."""
        return bool(await self._reader.rows(SQL["stands"], (case.tenant_id, case.case_id, case.seq, case.epoch)))

    def _rows_of(self, change: Change, cipher: AESGCM | None) -> Written:
        return rows_of(change, cipher, self._instance, self._clock())

    async def _cipher(self, case: Case) -> AESGCM:
        if cipher := self._keys.at_hand(case.tenant_id, case.case_id):
            return cipher
        rows = await self._reader.rows(SQL["case_key"], (case.tenant_id, case.case_id))
        if not rows:
            raise LeaseLost(case_id=case.case_id)
        return self._keys.open(rows[0][0], case.tenant_id, case.case_id)


def _insert(connection: sqlite3.Connection, written: Written) -> None:
    connection.executemany(SQL["insert_event"], written.events)
    if written.contents:
        connection.executemany(SQL["insert_content"], written.contents)
    for effect in written.effects:
        if connection.execute(SQL["put_effect"], effect).rowcount == 0:
            raise ValueError(f"effect {effect[2]} of case {effect[1]} has another key already")


def _admit(connection: sqlite3.Connection, case: Case, admission: Admission, salt: bytes) -> CaseSummary | None:
    """The case of an earlier request with this key; None when the key is new, and now taken."""
    place = (case.tenant_id, case.workflow, admission.key)
    row = (*place, salt, fingerprint(salt, admission.request), case.case_id)
    if connection.execute(SQL["admit"], row).rowcount:
        return None
    earlier_salt, earlier_fingerprint, case_id = connection.execute(SQL["admitted"], place).fetchone()
    if fingerprint(earlier_salt, admission.request) != earlier_fingerprint:
        raise IdempotencyConflict(key=admission.key)
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return from_row(cursor.execute(SQL["case_by_id"], (case.tenant_id, case_id)).fetchone())


def _take_over(connection: sqlite3.Connection, values: dict[str, object]) -> _Taken:
    epoch, crashes = connection.execute(SQL["take_over"], values).fetchall()[0]
    journal = connection.execute(SQL["events"], (values["tenant_id"], values["case_id"])).fetchall()
    return str(values["case_id"]), epoch, crashes, [payload for (payload,) in journal]
