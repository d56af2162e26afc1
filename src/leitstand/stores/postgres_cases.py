"""How are cases kept in PostgreSQL? Written in common statements, read and claimed over connections beside them."""

import asyncio
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leitstand.domain.case import RUNNABLE, Case, CaseSummary, Priority, Status
from leitstand.domain.errors import LeaseLost, StoreUnusable
from leitstand.domain.event import Event
from leitstand.domain.fallback import Way
from leitstand.domain.figures import Figures
from leitstand.encoding import decode_event
from leitstand.ports import Admission, Backlog, CaseFilter, Change, Claimed, Clock, Queued, Vacancy
from leitstand.stores.case_rows import from_row
from leitstand.stores.change_rows import DROPPED_AFTER, case_of, opened_contents, rows_of
from leitstand.stores.figure_rows import add_up, way_of
from leitstand.stores.finding import finding
from leitstand.stores.postgres_changes import Appending, Appendings, Opening, Openings
from leitstand.stores.postgres_committer import Committer
from leitstand.stores.postgres_connections import Connection, Pool, Row, columns, fetch
from leitstand.stores.postgres_heartbeat import Heartbeat
from leitstand.stores.postgres_news import CASES, tell
from leitstand.stores.postgres_tenants import Tenants
from leitstand.stores.sealed_content import CaseKeys, TenantKeys


class PostgresCases:
    """The ``CaseStore`` on a PostgreSQL database; ``heartbeat`` says as whom this process owns cases, and whether."""

    def __init__(self, pool: Pool, keys: TenantKeys, heartbeat: Heartbeat, clock: Clock) -> None:
        self.openings = Committer(pool.server, Openings())
        self.appendings = Committer(pool.server, Appendings())
        self._pool = pool
        self._keys = CaseKeys(keys)
        self._tenants = Tenants(pool, keys)
        self._heartbeat = heartbeat
        self._clock = clock
        self._telling: asyncio.Task[None] | None = None
        self._unheard: set[int] = set()
        """When claims were made of whose outcome nothing was heard: their cases are ours, and nobody runs them."""

    async def open(self, change: Change, admission: Admission | None) -> CaseSummary:
        """Store a new case; see ``CaseStore.open``."""
        case = change.case
        self._pool.server.check_writable()
        numbers = await self._tenants.numbers(case.tenant_id)
        wrapped, cipher = self._keys.create(case.tenant_id, case.case_id)
        written = rows_of(change, cipher, self._heartbeat.owner, self._clock())
        opening = Opening(case=case, written=written, wrapped=wrapped, numbers=numbers, admission=admission)
        summary = await self.openings.run(opening)
        if change.kept and summary.case.case_id == case.case_id:
            self._keys.keep(case.tenant_id, case.case_id, cipher)
        if written.row["owner"] is None and case.status in RUNNABLE:
            self._tell()
        return summary

    async def known(self, tenant_id: str, workflow: str, keys: Sequence[str]) -> frozenset[str]:
        """Which of these keys were admitted before."""
        rows = await self._pool.rows("known", {"tenant_id": tenant_id, "workflow": workflow, "keys": list(keys)})
        return frozenset(row["key"] for row in rows)

    async def append(self, change: Change, *, due_to: int) -> None:
        """Add events; see ``CaseStore.append``."""
        case = change.case
        self._pool.server.check_writable()
        if self._heartbeat.is_late:
            raise LeaseLost(case_id=case.case_id)
        cipher = await self._cipher(case) if change.contents else None
        written = rows_of(change, cipher, self._heartbeat.owner, self._clock())
        await self.appendings.run(Appending(case=case, written=written, due_to=due_to))
        if case.status not in RUNNABLE:
            self._keys.forget(case.tenant_id, case.case_id)
        elif written.row["owner"] is None and case.not_before <= self._clock():
            self._tell()

    async def events(self, tenant_id: str, case_id: str) -> tuple[Event, ...]:
        """The journal in order."""
        rows = await self._pool.rows("events", {"tenant_id": tenant_id, "case_id": case_id})
        return tuple(decode_event(row["payload"]) for row in rows)

    async def contents(self, tenant_id: str, case_id: str, names: Sequence[str] = ()) -> dict[str, bytes]:
        """Decrypted contents by name; what does not open any more is missing, and the log says so."""
        wanted = [name for name in names if "\0" not in name]  # nothing in PostgreSQL is called that
        if names and not wanted:
            return {}
        values = {"tenant_id": tenant_id, "case_id": case_id, "names": wanted}
        return opened_contents(await self._pool.rows("contents", values), self._keys, tenant_id, case_id)

    async def summary(self, tenant_id: str, case_id: str) -> CaseSummary | None:
        """The row of one case by id or display number."""
        if case_id.isascii() and case_id.isdigit() and len(case_id) < 19:
            rows = await self._pool.rows("case_by_number", {"tenant_id": tenant_id, "number": int(case_id)})
        else:
            rows = await self._pool.rows("case_by_id", {"tenant_id": tenant_id, "case_id": case_id})
        return from_row(rows[0]) if rows else None

    async def find(self, tenant_id: str, wanted: CaseFilter) -> tuple[CaseSummary, ...]:
        """Rows that the filter wants."""
        return tuple(from_row(row) for row in await self._pool.listed(*finding(tenant_id, wanted)))

    async def figures(self, tenant_id: str, workflow: str, *, since: int, in_time: int) -> Figures:
        """What the cases add up to; costs over cases that were answered or have ended."""
        values = {"tenant_id": tenant_id, "workflow": workflow, "since": since, "in_time": in_time}
        return add_up(await self._pool.rows("figures", values))

    async def ways(self, tenant_id: str, workflow: str, *, since: int) -> tuple[Way, ...]:
        """Which ways the answered cases went."""
        values = {"tenant_id": tenant_id, "workflow": workflow, "since": since}
        return tuple(way_of(row) for row in await self._pool.rows("ways", values))

    async def waiting(self, tenant_id: str) -> dict[tuple[str, str], int]:
        """How many cases wait for a person, per workflow and status."""
        rows = await self._pool.rows("waiting", {"tenant_id": tenant_id})
        return {(row["workflow"], row["status"]): row["cases"] for row in rows}

    async def job(self, tenant_id: str, job: str, among: Sequence[str] = ()) -> dict[str, int]:
        """How many cases a job has by status."""
        rows = await self._pool.rows("job", {"tenant_id": tenant_id, "job": job, "among": list(among or Status)})
        return {row["status"]: row["cases"] for row in rows}

    async def claim(self, vacancy: Vacancy) -> tuple[Claimed, ...]:
        """Take over what is due and unowned; the case is what its journal says, under the raised epoch."""
        self._pool.server.check_writable()
        if self._heartbeat.is_late:
            return ()
        now, unheard = self._clock(), tuple(self._unheard)
        journals: dict[str, list[bytes]] = {}
        try:
            rows = await self._pool.once(lambda connection: self._take_over(connection, vacancy, now, unheard))
            taken = columns(("tenant_id", "case_id"), [(row["tenant_id"], row["case_id"]) for row in rows])
            for event in await self._pool.rows("journals", taken) if rows else ():
                journals.setdefault(event["case_id"], []).append(event["payload"])
        except StoreUnusable:
            self._unheard = {now, *(at for at in self._unheard if at > now - DROPPED_AFTER)}
            raise
        self._unheard.difference_update(unheard)
        claimed = (
            case_of(row["case_id"], row["epoch"], row["crashes"], journals.get(row["case_id"], ())) for row in rows
        )
        return tuple(case for case in claimed if case)

    async def queued(self, priority: Priority, most: int) -> tuple[Queued, ...]:
        """What is due and run nowhere."""
        values = {"priority": int(priority), "now": self._clock(), "most": most}
        return tuple(Queued(priority=priority, **dict(row)) for row in await self._pool.rows("queued", values))

    async def backlog(self, most: int) -> tuple[Backlog, ...]:
        """What is not done yet."""
        rows = await self._pool.rows("backlog", {"now": self._clock(), "most": most})
        return tuple(Backlog(**dict(row)) for row in rows)

    async def holds(self, case: Case) -> bool:
        """Whether the case stands where this process left it, and this process is still known as its owner."""
        values = {
            "tenant_id": case.tenant_id,
            "case_id": case.case_id,
            "seq": case.seq,
            "epoch": case.epoch,
            "owner": self._heartbeat.worker_id,
        }
        return bool(await self._pool.rows("stands", values)) and not self._heartbeat.is_late

    async def close(self) -> None:
        """Write what is queued, and let whoever has room go on with what this process held."""
        await self.openings.close()
        await self.appendings.close()
        if self._telling:
            await self._telling
        if await self._pool.execute("hand_back", owner=self._heartbeat.worker_id):
            await tell(self._pool, CASES)

    async def _take_over(self, connection: Connection, vacancy: Vacancy, now: int, unheard: Sequence[int]) -> list[Row]:
        """Free what others lost and what this process dropped or never heard that it has, then claim."""
        owner, skip = self._heartbeat.worker_id, list(vacancy.skip)
        freed = await fetch(connection, "free_lost", lease_seconds=self._heartbeat.lease_seconds)
        dropped = {"owner": owner, "untouched_since": now - DROPPED_AFTER, "unheard": unheard, "skip": skip}
        await fetch(connection, "release_dropped", **dropped)
        values: dict[str, object] = {"owner": owner, "now": now, "limit": vacancy.limit, "skip": skip}
        values |= columns(("full_tenant_id", "full_workflow"), list(vacancy.full))
        if vacancy.suspects:
            rows = await fetch(connection, "claim_suspects", **values)
        else:
            rows = await fetch(connection, "claim", **values, priority=int(vacancy.priority))
        if len(freed) > len(rows):
            self._tell()
        return sorted(rows, key=lambda row: (row["not_before"], row["accepted_at"]))

    def _tell(self) -> None:
        """Wake the others, once for all that becomes due while they are being woken."""
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(tell(self._pool, CASES))

    async def _cipher(self, case: Case) -> AESGCM:
        if cipher := self._keys.at_hand(case.tenant_id, case.case_id):
            return cipher
        rows = await self._pool.rows("case_key", {"tenant_id": case.tenant_id, "case_id": case.case_id})
        if not rows:
            raise LeaseLost(case_id=case.case_id)
        return self._keys.open(rows[0]["wrapped"], case.tenant_id, case.case_id)
