"""How do commands read a database that a server may own? They open it for reading only."""

from dataclasses import dataclass
from datetime import UTC, datetime

from leitstand.assembly import now, reading
from leitstand.cli.stop_order import told
from leitstand.domain.case import CaseSummary
from leitstand.domain.errors import CaseUnknown
from leitstand.domain.evaluation import Level
from leitstand.domain.event import Event
from leitstand.domain.fallback import UNUSED, ChainUse, uses
from leitstand.domain.release import ReleaseRow
from leitstand.domain.workflow import Workflow
from leitstand.encoding import plain
from leitstand.ports import CaseFilter
from leitstand.runtime.gold import levels_of
from leitstand.runtime.parts import unknown_workflow
from leitstand.runtime.spending import Asked, Standing, standings
from leitstand.settings import Settings
from leitstand.web.speech import DAY

USED_DAYS = 30
"""Of so many days the cases count for how a release is used."""


async def whole_case(settings: Settings, case_id: str) -> tuple[CaseSummary, tuple[Event, ...], dict[str, object]]:
    """A case by id or number with its journal and its contents; raises ``CaseUnknown``."""
    async with reading(settings) as stores:
        summary = await stores.cases.summary(settings.tenant_id, case_id)
        if summary is None:
            raise CaseUnknown(case_id=case_id)
        events = await stores.cases.events(settings.tenant_id, summary.case.case_id)
        contents = await stores.cases.contents(settings.tenant_id, summary.case.case_id)
    return summary, events, {name: plain(payload) for name, payload in contents.items()}


async def find_cases(settings: Settings, wanted: CaseFilter) -> tuple[CaseSummary, ...]:
    """The cases that a filter names."""
    async with reading(settings) as stores:
        return await stores.cases.find(settings.tenant_id, wanted)


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A stored release, how its chain was used by the cases of the last days, and what its gold cases said."""

    row: ReleaseRow
    use: ChainUse
    workflow: Workflow
    levels: tuple[Level, ...] = ()


async def used_releases(settings: Settings) -> tuple[tuple[ReleaseRow, ChainUse], ...]:
    """All stored releases, newest first, with how their chains were used by the cases of the last days."""
    since, tenant_id = now() - USED_DAYS * DAY, settings.tenant_id
    async with reading(settings) as stores:
        rows = await stores.releases.rows(tenant_id)
        used: dict[str, ChainUse] = {}
        for workflow in sorted({row.workflow for row in rows}):
            used |= uses(await stores.cases.ways(tenant_id, workflow, since=since))
    return tuple((row, used.get(row.digest, UNUSED)) for row in rows)


async def measured_release(settings: Settings, digest: str) -> Measured:
    """One of them, by a unique beginning of its digest; raises ``ReleaseUnknown``."""
    async with reading(settings) as stores:
        release = await stores.releases.load(settings.tenant_id, digest)
        gold = await stores.reports.newest(settings.tenant_id, release.workflow.name, "gold", release.digest)
    row, use = next(each for each in await used_releases(settings) if each[0].digest == release.digest)
    return Measured(row=row, use=use, workflow=release.workflow, levels=levels_of(gold))


async def stops_in_force(settings: Settings) -> list[dict[str, object]]:
    """What is stopped, with the names of who did it."""
    async with reading(settings) as stores:
        names = {person.id: person.name for person in await stores.people.people(settings.tenant_id)}
        stops = await stores.stops.in_force()
    return [
        {
            **told(stop),
            "by": names.get(stop.stopped_by, stop.stopped_by),
            "since": datetime.fromtimestamp(stop.stopped_at / 1e6, UTC).isoformat(timespec="seconds"),
        }
        for stop in stops
    ]


async def limits_of(settings: Settings, workflow: str | None, caller: str) -> tuple[Standing, ...]:
    """Where the limits of the active workflows stand, or those of one; raises ``WorkflowUnknown``."""
    tenant_id = settings.tenant_id
    asked = Asked(tenant_id=tenant_id, at=now(), per_tenant=settings.tenant_budgets, caller=caller)
    async with reading(settings) as stores:
        active = {
            name: digest for (tenant, name), digest in (await stores.releases.pointers()).items() if tenant == tenant_id
        }
        if workflow and workflow not in active:
            raise unknown_workflow(workflow, active)
        wanted = [digest for name, digest in sorted(active.items()) if workflow in (None, name)]
        workflows = [(await stores.releases.load(tenant_id, digest)).workflow for digest in wanted]
        return await standings(stores.ledger, workflows, asked)
