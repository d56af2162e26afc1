"""Where do rows go: to the server that owns the file, into a database of many processes, or into one opened here?"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from leitstand.assembly import assembled, reading
from leitstand.cli.owner import Owner, Reply, owner_of, told_of
from leitstand.ports import Stores
from leitstand.runtime.backfill import ALONE, Batch, backfill
from leitstand.settings import Settings

AT_ONCE = 100
"""Rows of a batch for SQLite, whose one writer serves people as well."""

MANY_AT_ONCE = 250
MOST_BYTES = 1 << 20
"""A batch ends with the row that takes it above so many bytes."""

Rows = list[tuple[str, dict[str, object]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """A way for rows into a database: ``take`` opens cases for them, and ``stores`` reads what became of them.

    ``worked`` says whether somebody can be working on them; ``at_once`` is how many rows a batch has.
    """

    tenant_id: str
    stores: Stores
    take: Callable[[str, str, Rows], Awaitable[Reply]]
    worked: bool
    at_once: int = AT_ONCE

    async def count(self, job: str, among: Sequence[str] = ()) -> Mapping[str, int]:
        """How many cases the job has by status."""
        return await self.stores.cases.job(self.tenant_id, job, among)


@asynccontextmanager
async def way_in(settings: Settings, *, works: bool) -> AsyncIterator[Way]:
    """The way that there is; with ``works`` a database that nobody else owns is also worked on here."""
    async with owner_of(settings) as owner:
        if owner:
            async with reading(settings) as stores:
                yield Way(tenant_id=settings.tenant_id, stores=stores, take=_to(owner, settings.tenant_id), worked=True)
            return
    async with _opened(settings, works=works and not settings.database_url) as way:
        yield way


def _to(owner: Owner, tenant_id: str) -> Callable[[str, str, Rows], Awaitable[Reply]]:
    async def take(workflow: str, job: str, rows: Rows) -> Reply:
        command = {"do": "cases.submit", "tenant": tenant_id, "workflow": workflow, "job": job, "rows": rows}
        return await owner.ask(command)

    return take


@asynccontextmanager
async def _opened(settings: Settings, *, works: bool) -> AsyncIterator[Way]:
    async with assembled(settings, address="leitstand submit", works=works) as system:
        if works:
            system.worker.begin()

        async def take(workflow: str, job: str, rows: Rows) -> Reply:
            batch = Batch(tenant_id=settings.tenant_id, workflow=workflow, job=job, rows=rows)
            return told_of(await backfill(system.parts, system.worker, batch, ALONE))

        shared = bool(settings.database_url)
        yield Way(
            tenant_id=settings.tenant_id,
            stores=system.stores,
            take=take,
            worked=works or shared,
            at_once=MANY_AT_ONCE if shared else AT_ONCE,
        )
