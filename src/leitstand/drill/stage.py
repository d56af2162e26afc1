"""How is a workflow put on stage: a database of its own, models and a receiver of its own, faults at every seam?"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from leitstand import plugins
from leitstand.assembly import OPERATOR, System, assembled, now
from leitstand.definition.convert import to_json
from leitstand.definition.read import OUTPUT_SCHEMA
from leitstand.definition.thaw import RESOLVED, thaw
from leitstand.domain.address import Origin
from leitstand.domain.breaker import BreakerSpec
from leitstand.domain.budget import Budget
from leitstand.domain.drafting import Target
from leitstand.domain.message import Grounding, Message, Price
from leitstand.domain.policy import CheckSpec, Delivery
from leitstand.domain.release import Release
from leitstand.domain.retrieval import Passage
from leitstand.domain.zone import ClaimedZone, DataClass
from leitstand.drill.caller import App, Door, Said
from leitstand.drill.planned import Planned, at
from leitstand.drill.scenario import Load
from leitstand.drill.seams import FaultyCases, FaultyGuard, FaultyReleases, FaultyRetriever, FaultyWorker, skewed
from leitstand.drill.services import ModelService, Receiver, Understudy
from leitstand.drill.tool_service import ARGUMENTS, PARAMETERS, TOOL_ROUNDS, ToolService
from leitstand.drill.victim import Victim, left_behind
from leitstand.encoding import plain
from leitstand.ports import CaseStore, ModelProvider, ReleaseStore
from leitstand.runtime.egress import Resolve
from leitstand.runtime.parts import Installations, Installed, Parts
from leitstand.settings import Settings
from leitstand.web.app import build_app

DEADLINE_SECONDS = 10.0
TIMEOUT_SECONDS = 4.0
FIRST_TOKEN_SECONDS = 1.2
BETWEEN_TOKENS_SECONDS = 0.8
"""What the drilled chain waits: the faults are the same, only shorter."""

RECEIVER_SECONDS = 1.0
CHECK_SECONDS = 1.0

BREAKER = BreakerSpec(least_calls=5, open_seconds=1.0, longest_open_seconds=2.0)
"""What opens after five calls of which half failed, and is tried again soon."""

INSIDE = "model.drill.example"
"""The name of a model's service that leads into this machine."""

LOCAL = ("extractive",)
"""Providers of a chain that ask nobody: the last level of the workflow's own chain stays."""

PRICE = Price(input_per_million=50_000_000, output_per_million=200_000_000, currency="EUR")
"""Five cents for a million tokens that go in, twenty for those that come out: budgets are drilled by usage."""

AMPLE = Budget(per_case="100 EUR", per_month="100000 EUR")
"""Nothing that a drill does costs so much."""

Memory = dict[str, Grounding]


@dataclass(frozen=True, kw_only=True, slots=True)
class Drilled:
    """The workflow that is drilled, frozen, and what a good model knows of its inputs.

    ``inputs`` are those that it answers when all is well.
    """

    release: Release
    settings: Settings
    inputs: tuple[Mapping[str, object], ...] = ()
    memory: Memory = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A running system with everything around it; ``left`` are the cases that a killed worker left behind."""

    system: System
    app: App
    release: Release
    models: tuple[ModelService, ...]
    receiver: Receiver
    tools: ToolService
    planned: tuple[Planned, ...]
    left: tuple[Said, ...] = ()

    @property
    def door(self) -> Door:
        """Where cases come in."""
        return Door(app=self.app, workflow=self.release.workflow, planned=at(self.planned, "input"))


@asynccontextmanager
async def on_stage(drilled: Drilled, planned: tuple[Planned, ...], load: Load, place: Path) -> AsyncIterator[Stage]:
    """The workflow at work in the folder ``place``, or in the database that the settings name."""
    settings = replace(drilled.settings, data=place)
    indexes = replace(settings.cached_index_place, database_url=settings.database_url)
    understudy = _understudy(drilled)
    async with AsyncExitStack() as stack:
        models = tuple(ModelService(name, understudy, planned) for name in ("primary", "secondary"))
        receiver, tools = Receiver(planned), ToolService(planned)
        for server in (*(model.server for model in models), receiver.server, tools.server):
            stack.enter_context(server)
        release = staged(drilled.release, models, receiver, planned)
        release = with_tools(release, tools) if tools.needed else release
        victim = Victim(release=release, settings=settings, indexes=indexes, inputs=drilled.inputs)
        left = await left_behind(victim, models, planned)
        system = await stack.enter_async_context(assembled(settings, indexes=indexes))
        parts = _with_faults(system, planned, understudy)
        worker = FaultyWorker(parts, most=load.most_running, most_waiting=load.most_waiting)
        worker.faults = [fault for fault in at(planned, "worker") if fault.spec.fault == "deaf"]
        stack.push_async_callback(worker.stop)
        system = replace(system, parts=parts, worker=worker)
        await parts.releases.add(release, tenant_id=system.tenant_id, actor_id=OPERATOR, at=now())
        await system.activate(release.digest)
        worker.begin()
        app = build_app(parts, worker, settings)
        yield Stage(
            system=system,
            app=app,
            release=release,
            models=models,
            receiver=receiver,
            tools=tools,
            planned=planned,
            left=left,
        )


def _understudy(drilled: Drilled) -> Understudy:
    quoting = cast("ModelProvider", plugins.find("providers", "extractive")(Target(provider="extractive")))
    schema = None if drilled.release.workflow.draft.form == "text" else plain(drilled.release.files[OUTPUT_SCHEMA])
    return Understudy(quoting, schema, drilled.memory)


def staged(
    release: Release, models: Sequence[ModelService], receiver: Receiver, planned: Sequence[Planned] = ()
) -> Release:
    """The release with its chain replaced by the models of the drill, and its delivery by the drill's receiver.

    The last level stays when it is a local one. Only what a check holds back goes to a person, so that the same
    faults always lead to the same end.
    """
    workflow = release.workflow
    chain = [_target(model, planned) for model in models]
    chain += [target for target in workflow.draft.chain[-1:] if target.provider in LOCAL]
    draft = replace(workflow.draft, chain=tuple(chain), deadline_seconds=DEADLINE_SECONDS, breaker=BREAKER)
    delivery = Delivery(kind="webhook", url=f"{receiver.server.url}/effects", timeout_seconds=RECEIVER_SECONDS)
    review = replace(workflow.review, when="flagged", sample_percent=0.0)
    changed = replace(
        workflow,
        draft=draft,
        delivery=delivery,
        review=review,
        budget=_budget(at(planned, "budget")),
        checks=_checks(workflow.checks, at(planned, "guards")),
        data_class=_data_class(workflow.data_class, at(planned, "zone")),
    )
    return thaw({**release.files, RESOLVED: to_json(changed)}, release.index_id)


def with_tools(release: Release, tools: ToolService) -> Release:
    """The release with the tools of the drill in place of its own."""
    workflow = release.workflow
    draft = replace(workflow.draft, tool_rounds=TOOL_ROUNDS)
    changed = to_json(replace(workflow, draft=draft, tools=tools.offered))
    return thaw({**release.files, PARAMETERS: ARGUMENTS, RESOLVED: changed}, release.index_id)


def _budget(tight: Sequence[Planned]) -> Budget:
    """Room for everything, unless the scenario makes it scarce."""
    budget = AMPLE
    for fault in tight:
        fault.delivered += 1
        budget = replace(budget, **cast("dict[str, Any]", {**fault.spec.options}))
    return budget


def _checks(checks: tuple[CheckSpec, ...], faults: Sequence[Planned]) -> tuple[CheckSpec, ...]:
    """The checks, with a limit where one of them stalls."""
    stalls = any(fault.spec.fault == "stall" for fault in faults)
    return tuple(replace(check, timeout_seconds=CHECK_SECONDS) for check in checks) if stalls else checks


def _data_class(given: DataClass, zones: Sequence[Planned]) -> DataClass:
    """The class of the data, unless the scenario makes it another."""
    for fault in zones:
        fault.delivered += fault.spec.fault == "moved"
        given = cast("DataClass", fault.spec.options.get("data_class", given))
    return given


def _target(model: ModelService, planned: Sequence[Planned]) -> Target:
    times = 1
    for fault in at(planned, "price"):
        fault.delivered += 1
        times = int(fault.number("times", 10))
    price = replace(
        PRICE,
        input_per_million=PRICE.input_per_million * times,
        output_per_million=PRICE.output_per_million * times,
    )
    zone, url = _place(model, at(planned, "zone"))
    return Target(
        provider="openai_compatible",
        model=f"drill-{model.name}",
        base_url=f"{url}/v1",
        zone=zone,
        timeout_seconds=TIMEOUT_SECONDS,
        first_token_seconds=FIRST_TOKEN_SECONDS,
        between_tokens_seconds=BETWEEN_TOKENS_SECONDS,
        price=price,
    )


def _place(model: ModelService, zones: Sequence[Planned]) -> tuple[ClaimedZone, str]:
    """The zone and the address of a model: this machine, unless the scenario says something else."""
    zone, url = "", model.server.url
    for fault in zones:
        if fault.spec.fault == "moved":
            zone = str(fault.spec.options.get(model.name, ""))
        elif model.name == "primary":
            zone, url = str(fault.spec.options.get("zone", "sovereign_eu")), f"http://{INSIDE}:{model.server.port}"
    return cast("ClaimedZone", zone), url


def _inside(zones: Sequence[Planned]) -> Resolve:
    """Who says that a name is this machine."""

    def resolve(origin: Origin) -> tuple[str, ...]:
        for fault in zones:
            fault.delivered += origin.host == INSIDE and fault.strikes(origin.host)
        return ("127.0.0.1",)

    return resolve


def _with_faults(system: System, planned: tuple[Planned, ...], understudy: Understudy) -> Parts:
    """The parts with a wrapper at each seam where something strikes."""
    named = [fault for fault in at(planned, "zone") if fault.spec.fault == "inside"]
    installer = system.installer.resolving(_inside(named)) if named else system.installer

    async def install(release: Release) -> Installed:
        return _faulty(await installer.install(release), planned, understudy)

    parts = system.parts
    looks, writes = at(planned, "releases"), at(planned, "database", "disk")
    releases = cast("ReleaseStore", FaultyReleases(parts.releases, looks)) if looks else parts.releases
    return replace(
        parts,
        installations=Installations(releases, install),
        cases=cast("CaseStore", FaultyCases(parts.cases, writes)) if writes else parts.cases,
        clock=skewed(parts.clock, clocks) if (clocks := at(planned, "clock")) else parts.clock,
    )


def _faulty(installed: Installed, planned: tuple[Planned, ...], understudy: Understudy) -> Installed:
    def render(given: Mapping[str, object], passages: tuple[Passage, ...], language: str) -> tuple[Message, ...]:
        messages = installed.render(given, passages, language)
        question = installed.workflow.input.text_of(given)
        understudy.hear(messages, Grounding(question=question, language=language, passages=passages))
        return messages

    searching, guards = at(planned, "retrieval"), at(planned, "guards")
    retriever = installed.retriever
    return replace(
        installed,
        render=render,
        retriever=FaultyRetriever(retriever, searching) if retriever and searching else retriever,
        guardrails=tuple(FaultyGuard(guard, guards) for guard in installed.guardrails)
        if guards
        else installed.guardrails,
    )
