"""How are the parts put together? The only module that knows them all, by name."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from leitstand import plugins
from leitstand.definition.freeze import freeze
from leitstand.definition.read import Known, ReadResult, read
from leitstand.definition.zone_file import read_zones
from leitstand.domain.release import Release
from leitstand.domain.zone import ZonePolicy
from leitstand.installer import Installer
from leitstand.ports import (
    Database,
    Exporter,
    IndexPlace,
    Schema,
    Stores,
    Transport,
)
from leitstand.runtime.breakers import Breakers
from leitstand.runtime.budget_gate import BudgetGate
from leitstand.runtime.parts import Installations, Parts
from leitstand.runtime.rates import Rates
from leitstand.runtime.stops import StopGate, Stops
from leitstand.runtime.watch import Watch
from leitstand.runtime.worker import Worker
from leitstand.runtime.zone_gate import ZoneGate
from leitstand.settings import Settings

TENANT = "default"
"""The tenant of who names none."""

OPERATOR = "operator"


def now() -> int:
    """UTC in microseconds."""
    return time.time_ns() // 1000


def read_folder(folder: Path, zones: ZonePolicy = ZonePolicy()) -> ReadResult:  # noqa: B008  frozen
    """The workflow in ``folder`` with everything that is wrong with it, in a house where ``zones`` holds."""
    known = Known(
        guards=plugins.names("guardrails"),
        providers=plugins.names("providers"),
        embedders=plugins.names("embedders"),
        retrievers=plugins.names("retrievers"),
        zones=zones,
    )
    return read(folder, known)


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    """A running Leitstand: settings, parts and worker, and what makes releases of folders."""

    settings: Settings
    parts: Parts
    worker: Worker
    installer: Installer
    stores: Stores

    @property
    def tenant_id(self) -> str:
        """The tenant that commands are about."""
        return self.settings.tenant_id

    async def add(self, folder: Path, *, activate: bool) -> Release:
        """Freeze a workflow folder and store it; raises ``ConfigurationInvalid`` with all its problems."""
        release = await asyncio.to_thread(self._freeze, folder)
        await self.parts.releases.add(release, tenant_id=self.tenant_id, actor_id=OPERATOR, at=now())
        return await self.activate(release.digest) if activate else release

    async def activate(self, digest: str) -> Release:
        """Let new cases use the release; it is put together first, so that nothing broken becomes active."""
        release = await self.parts.releases.load(self.tenant_id, digest)
        await self.parts.installations.by_digest(self.tenant_id, release.digest)
        await self.parts.releases.activate(release.digest, tenant_id=self.tenant_id, actor_id=OPERATOR, at=now())
        await self.parts.installations.refresh()
        return release

    def _freeze(self, folder: Path) -> Release:
        result = read_folder(folder, self.installer.zones)
        release = freeze(result, self.installer.index_id, folder)
        if release.workflow.retrieval:
            self.installer.build(result.passages, release.workflow.retrieval, release.workflow.data_class)
        return release


@asynccontextmanager
async def assembled(
    settings: Settings, *, address: str = "a command", indexes: IndexPlace | None = None, works: bool = True
) -> AsyncIterator[System]:
    """A system on the database of the settings; an SQLite file belongs to this process meanwhile.

    Without ``works`` it accepts cases and leaves them to other processes. Raises ``StoreOwned``, ``StoreUnusable``.
    """
    zones = read_zones(settings.zones)
    stores = await _opened("stores", settings, address)
    transport = cast("Transport", plugins.find("transports", settings.transport)())
    installer = Installer(indexes or settings.index_place, transport, zones)
    installations = Installations(stores.releases, installer.install)
    watch = Watch(_exporters(settings), installations.slo_of)
    clock = stores.clock or now
    breakers, rates, stops = Breakers(stores.health, clock), Rates(clock), Stops(stores.stops)
    budgets = BudgetGate(stores.ledger, clock, settings.tenant_budgets)
    parts = Parts(
        cases=stores.cases,
        releases=stores.releases,
        people=stores.people,
        answers=stores.answers,
        reports=stores.reports,
        stops=stops,
        ledger=stores.ledger,
        installations=installations,
        clock=clock,
        news=stores.news,
        figures=stores.figures,
        watch=watch,
        breakers=breakers,
        rates=rates,
        gates=(StopGate(stops), ZoneGate(zones), breakers, rates, budgets),
        looks=(breakers.refresh,),
        data=settings.data,
    )
    worker = Worker(parts, most=settings.most_running if works else 0, most_waiting=settings.most_waiting)
    try:
        await asyncio.gather(stops.refresh(), installations.refresh())
        yield System(settings=settings, parts=parts, worker=worker, installer=installer, stores=stores)
    finally:
        await worker.stop()
        await transport.close()
        await stores.close()
        await watch.close()


def _exporters(settings: Settings) -> tuple[Exporter, ...]:
    """Who is told of every case: nobody, unless a setting says to whom."""
    if not settings.otlp_endpoint:
        return ()
    return (cast("Exporter", plugins.find("exporters", "otel")(settings.otlp_endpoint)),)


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[Stores]:
    """The database of the settings for reading only, beside a server that may own it."""
    stores = await _opened("readers", settings, "")
    try:
        yield stores
    finally:
        await stores.close()


def schema_of(settings: Settings) -> Schema:
    """The tables of the database that the settings name."""
    return cast("Callable[[Database], Schema]", _find("schemas", settings))(_database(settings, "leitstand db"))


async def _opened(group: str, settings: Settings, address: str) -> Stores:
    """The database that the settings name, opened by the extension for it."""
    open_database = cast("Callable[[Database], Awaitable[Stores]]", _find(group, settings))
    return await open_database(_database(settings, address))


def _find(group: str, settings: Settings) -> Callable[..., object]:
    return plugins.find(group, "postgres" if settings.database_url else "sqlite")


def _database(settings: Settings, address: str) -> Database:
    return Database(
        path=settings.database,
        url=settings.database_url,
        keys=settings.key_folder,
        address=address,
        clock=now,
        lease_seconds=settings.lease_seconds,
    )
