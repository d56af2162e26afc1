"""How are the parts put together? The only module that knows them all, by name."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast
from weakref import WeakValueDictionary

from leitstand import plugins
from leitstand.definition.chat_prompt import chat_render
from leitstand.definition.freeze import freeze
from leitstand.definition.hooks import load_hooks
from leitstand.definition.prompt import Prompt
from leitstand.definition.read import INPUT_SCHEMA, OUTPUT_SCHEMA, PROMPT, Known, ReadResult, read
from leitstand.definition.sources import cut
from leitstand.definition.tool_contract import contract_of
from leitstand.definition.validators import validator
from leitstand.domain.caching import Semantic
from leitstand.domain.drafting import Target
from leitstand.domain.errors import SettingInvalid, UpstreamError
from leitstand.domain.policy import Delivery
from leitstand.domain.release import Release
from leitstand.domain.retrieval import Passage, Query
from leitstand.domain.tool import Tool
from leitstand.domain.workflow import Retrieval
from leitstand.encoding import plain
from leitstand.ports import (
    Database,
    Deliverer,
    Embedder,
    Exporter,
    Guardrail,
    Hooks,
    Index,
    IndexPlace,
    ModelProvider,
    Retriever,
    Schema,
    Stores,
    Transport,
)
from leitstand.runtime.breakers import Breakers
from leitstand.runtime.budget_gate import BudgetGate
from leitstand.runtime.parts import Installations, Installed, Parts
from leitstand.runtime.rates import Rates
from leitstand.runtime.stops import StopGate, Stops
from leitstand.runtime.tool_call import ReadyTool, endpoint, function
from leitstand.runtime.watch import Watch
from leitstand.runtime.worker import Worker
from leitstand.settings import Settings, secret

TENANT = "default"
"""The tenant of who names none."""

OPERATOR = "operator"


def now() -> int:
    """UTC in microseconds."""
    return time.time_ns() // 1000


def read_folder(folder: Path) -> ReadResult:
    """The workflow in ``folder`` with everything that is wrong with it."""
    known = Known(
        guards=plugins.names("guardrails"),
        providers=plugins.names("providers"),
        embedders=plugins.names("embedders"),
        retrievers=plugins.names("retrievers"),
    )
    return read(folder, known)


class Installer:
    """Puts a release together: schemas, prompt, hooks, index, models, guardrails, receiver."""

    def __init__(self, indexes: IndexPlace, transport: Transport) -> None:
        self._indexes = indexes
        self._transport = transport
        self._searching: WeakValueDictionary[tuple[object, ...], Retriever] = WeakValueDictionary()

    async def install(self, release: Release) -> Installed:
        """Everything that the release names; raises ``OperatorError`` for what is missing here."""
        return await asyncio.to_thread(self._install, release)

    def index_id(self, passages: tuple[Passage, ...], retrieval: Retrieval) -> str:
        """The digest of the index inputs."""
        return self._index(retrieval).id_of(passages)

    def build(self, passages: tuple[Passage, ...], retrieval: Retrieval) -> Retriever:
        """The index of these passages, built unless it is there."""
        return self._index(retrieval).build(passages)

    def _install(self, release: Release) -> Installed:
        workflow, files = release.workflow, release.files
        input_schema, output_schema = plain(files[INPUT_SCHEMA]), plain(files[OUTPUT_SCHEMA])
        text = files[PROMPT].decode("utf-8-sig")
        prompt = Prompt(text, input_schema, output_schema, workflow.language)
        chat = workflow.input.messages
        hooks = load_hooks(files, release.digest, [tool.function for tool in workflow.tools])
        return Installed(
            digest=release.digest,
            workflow=workflow,
            input_schema=input_schema,
            output_schema=output_schema,
            input_problems=validator(input_schema),
            output_problems=validator(output_schema),
            render=chat_render(prompt, text, chat) if chat else prompt.render,
            hooks=hooks,
            retriever=self._retriever(release),
            providers=tuple(self._provider(target) for target in workflow.draft.chain),
            guardrails=tuple(
                cast("Guardrail", plugins.find("guardrails", check.guard)(**check.options)) for check in workflow.checks
            ),
            deliverer=self._deliverer(workflow.delivery),
            questions=_embedder_of(workflow.draft.cache.semantic),
            tools={tool.name: self._tool(tool, files, hooks) for tool in workflow.tools},
        )

    def _tool(self, tool: Tool, files: Mapping[str, bytes], hooks: Hooks) -> ReadyTool:
        contract = contract_of(tool, files, hooks.functions)
        key = secret(tool.api_key_env) if tool.api_key_env else None
        send = function(contract.call) if contract.call else endpoint(tool, self._transport, key)
        return ReadyTool(tool=tool, parameters=contract.parameters, problems=contract.problems, send=send)

    def _retriever(self, release: Release) -> Retriever | None:
        """The pinned index, one for all releases that search the same; made anew from its files when it is gone."""
        retrieval = release.workflow.retrieval
        if retrieval is None:
            return None
        searched = (retrieval.retriever, retrieval.embedder, str(retrieval.embedder_options), release.index_id)
        if shared := self._searching.get(searched):
            return shared
        index = self._index(retrieval)
        retriever = index.open(release.index_id) or index.build(cut(release.files, retrieval))
        with suppress(UpstreamError):  # an embedding service may be down now, and back for the cases
            retriever.search(Query(text=release.workflow.name, language="", limit=1))  # loads weights beforehand
        with suppress(TypeError):  # one that cannot be held weakly is not shared
            self._searching[searched] = retriever
        return retriever

    def _index(self, retrieval: Retrieval) -> Index:
        make = cast("Callable[..., Index]", plugins.find("retrievers", retrieval.retriever))
        return make(self._indexes, _embedder_of(retrieval))

    def _provider(self, target: Target) -> ModelProvider:
        key = secret(target.api_key_env) if target.api_key_env else None
        transport = self._transport.connecting_within(target.connect_seconds)
        return cast("ModelProvider", plugins.find("providers", target.provider)(target, transport, key))

    def _deliverer(self, delivery: Delivery) -> Deliverer | None:
        if delivery.kind == "caller":
            return None
        return cast("Deliverer", plugins.find("deliverers", delivery.kind)(delivery, self._transport))


def _embedder_of(of: Retrieval | Semantic | None) -> Embedder | None:
    return _embedder(of.embedder, tuple(sorted(of.embedder_options.items()))) if of and of.embedder != "none" else None


@cache
def _embedder(name: str, options: tuple[tuple[str, str | int | float | bool], ...]) -> Embedder:
    """One embedder for all releases that want the same: weights are loaded once; ``api_key_env`` becomes the key."""
    given = dict(options)
    named = given.pop("api_key_env", "")
    key = secret(str(named)) if named else None
    make = plugins.find("embedders", name)
    try:
        return cast("Embedder", make(**given, **({"api_key": key} if key else {})))
    except TypeError as error:
        way_out = f"Give {name} only the options that it has ({error})."
        raise SettingInvalid(name="retrieval.embedder_options", value=", ".join(given), way_out=way_out) from error


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
        result = read_folder(folder)
        release = freeze(result, self.installer.index_id, folder)
        if release.workflow.retrieval:
            self.installer.build(result.passages, release.workflow.retrieval)
        return release


@asynccontextmanager
async def assembled(
    settings: Settings, *, address: str = "a command", indexes: IndexPlace | None = None, works: bool = True
) -> AsyncIterator[System]:
    """A system on the database of the settings; an SQLite file belongs to this process meanwhile.

    Without ``works`` it accepts cases and leaves them to other processes. Raises ``StoreOwned``, ``StoreUnusable``.
    """
    stores = await _opened("stores", settings, address)
    transport = cast("Transport", plugins.find("transports", settings.transport)())
    installer = Installer(indexes or settings.index_place, transport)
    installations = Installations(stores.releases, installer.install)
    watch = Watch(_exporters(settings), installations.slo_of)
    clock = stores.clock or now
    breakers, rates, stops = Breakers(stores.health, clock), Rates(clock), Stops(stores.stops)
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
        gates=(StopGate(stops), breakers, rates, BudgetGate(stores.ledger, clock, settings.tenant_budgets)),
        looks=(breakers.refresh,),
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
