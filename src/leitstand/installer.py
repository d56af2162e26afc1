"""How is a release put together: schemas, prompt, hooks, index, models, guardrails, receiver, each by its name?"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import cast
from weakref import WeakValueDictionary

from leitstand import plugins
from leitstand.definition.chat_prompt import chat_render
from leitstand.definition.hooks import load_hooks
from leitstand.definition.prompt import Prompt
from leitstand.definition.read import INPUT_SCHEMA, OUTPUT_SCHEMA, PROMPT
from leitstand.definition.sources import cut
from leitstand.definition.tool_contract import contract_of
from leitstand.domain.caching import Semantic
from leitstand.domain.drafting import Target
from leitstand.domain.errors import SettingInvalid, UpstreamError
from leitstand.domain.policy import Delivery
from leitstand.domain.release import Release
from leitstand.domain.retrieval import Passage, Query
from leitstand.domain.route import Route, chain_routes, delivery_route, embedder_route, tool_route
from leitstand.domain.tool import Tool
from leitstand.domain.workflow import Retrieval, Workflow
from leitstand.domain.zone import ZonePolicy
from leitstand.encoding import plain
from leitstand.json_contract import validator
from leitstand.ports import (
    Deliverer,
    Embedder,
    Guardrail,
    Hooks,
    Index,
    IndexPlace,
    ModelProvider,
    Retriever,
    Transport,
)
from leitstand.runtime.egress import Egress, Resolve, resolve
from leitstand.runtime.parts import Installed
from leitstand.runtime.tool_call import ReadyTool, endpoint, function
from leitstand.settings import secret

Option = str | int | float | bool


class Installer:
    """Puts a release together: schemas, prompt, hooks, index, models, guardrails, receiver."""

    def __init__(
        self,
        indexes: IndexPlace,
        transport: Transport,
        zones: ZonePolicy = ZonePolicy(),  # noqa: B008  frozen
        resolve: Resolve = resolve,
    ) -> None:
        self._indexes = indexes
        self._egress = Egress(transport, zones, resolve)
        self._searching: WeakValueDictionary[tuple[object, ...], Retriever] = WeakValueDictionary()

    @property
    def zones(self) -> ZonePolicy:
        """What holds for all releases."""
        return self._egress.policy

    def resolving(self, resolve: Resolve) -> "Installer":
        """The same, but another is asked for the addresses of names."""
        return Installer(self._indexes, self._egress.transport, self.zones, resolve)

    async def install(self, release: Release) -> Installed:
        """Everything that the release names; raises ``OperatorError`` for what is missing here."""
        return await asyncio.to_thread(self._install, release)

    def index_id(self, passages: tuple[Passage, ...], retrieval: Retrieval) -> str:
        """The digest of the index inputs."""
        return self._index(retrieval).id_of(passages)

    def build(self, passages: tuple[Passage, ...], retrieval: Retrieval, data_class: str) -> Retriever:
        """The index of these passages, built unless it is there."""
        return self._index(retrieval, data_class).build(passages)

    def _install(self, release: Release) -> Installed:
        workflow, files = release.workflow, release.files
        input_schema, output_schema = plain(files[INPUT_SCHEMA]), plain(files[OUTPUT_SCHEMA])
        text = files[PROMPT].decode("utf-8-sig")
        prompt = Prompt(text, input_schema, output_schema, workflow.language)
        chat = workflow.input.messages
        hooks = load_hooks(files, release.digest, [tool.function for tool in workflow.tools])
        ways = chain_routes(workflow.draft, self._egress.policy)
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
            providers=tuple(
                self._provider(target, way, workflow.data_class)
                for target, way in zip(workflow.draft.chain, ways, strict=True)
            ),
            guardrails=tuple(
                cast("Guardrail", plugins.find("guardrails", check.guard)(**check.options)) for check in workflow.checks
            ),
            deliverer=self._deliverer(workflow.delivery, workflow.data_class),
            questions=self._questions(workflow),
            tools={tool.name: self._tool(tool, release, hooks) for tool in workflow.tools},
            routes=ways,
        )

    def _tool(self, tool: Tool, release: Release, hooks: Hooks) -> ReadyTool:
        contract = contract_of(tool, release.files, hooks.functions)
        key = secret(tool.api_key_env) if tool.api_key_env else None
        outlet = self._egress.to_tool(tool_route(tool, self._egress.policy), release.workflow.data_class)
        send = function(contract.call) if contract.call else endpoint(tool, outlet, key)
        return ReadyTool(tool=tool, parameters=contract.parameters, problems=contract.problems, send=send)

    def _retriever(self, release: Release) -> Retriever | None:
        """The pinned index, one for all releases that search the same; made anew from its files when it is gone."""
        retrieval = release.workflow.retrieval
        if retrieval is None:
            return None
        options = tuple(sorted(retrieval.embedder_options.items()))
        data_class = release.workflow.data_class if embedder_route(retrieval, self._egress.policy) else ""
        searched = (
            retrieval.retriever,
            retrieval.embedder,
            options,
            retrieval.embedder_zone,
            data_class,
            release.index_id,
        )
        if shared := self._searching.get(searched):
            return shared
        index = self._index(retrieval, data_class)
        retriever = index.open(release.index_id) or index.build(cut(release.files, retrieval))
        with suppress(UpstreamError):  # an embedding service may be down now, and back for the cases
            retriever.search(Query(text=release.workflow.name, language="", limit=1))  # loads weights beforehand
        with suppress(TypeError):  # one that cannot be held weakly is not shared
            self._searching[searched] = retriever
        return retriever

    def _questions(self, workflow: Workflow) -> Embedder | None:
        """What tells whether two questions mean the same."""
        semantic = workflow.draft.cache.semantic
        return self._embedder_of(semantic, workflow.data_class) if semantic else None

    def _index(self, retrieval: Retrieval, data_class: str = "") -> Index:
        make = cast("Callable[..., Index]", plugins.find("retrievers", retrieval.retriever))
        return make(self._indexes, self._embedder_of(retrieval, data_class))

    def _embedder_of(self, retrieval: Retrieval | Semantic, data_class: str) -> Embedder | None:
        """The embedder; one behind an address is sent nothing of an unknown data class."""
        if retrieval.embedder == "none":
            return None
        way = embedder_route(retrieval, self._egress.policy)
        if way and data_class and (why := way.refuses(data_class)):
            raise SettingInvalid(name="embedder_zone", value=way.zone or '""', way_out=why)
        door = self._egress.door(way, data_class).open if way else None
        return _embedder(retrieval.embedder, tuple(sorted(retrieval.embedder_options.items())), door)

    def _provider(self, target: Target, way: Route, data_class: str) -> ModelProvider:
        key = secret(target.api_key_env) if target.api_key_env else None
        outlet = self._egress.to_model(way, data_class, target.name)
        outlet = outlet.connecting_within(target.connect_seconds)
        return cast("ModelProvider", plugins.find("providers", target.provider)(target, outlet, key))

    def _deliverer(self, delivery: Delivery, data_class: str) -> Deliverer | None:
        if delivery.kind == "caller":
            return None
        outlet = self._egress.to_receiver(delivery_route(delivery, self._egress.policy), data_class)
        return cast("Deliverer", plugins.find("deliverers", delivery.kind)(delivery, outlet))


@cache
def _embedder(
    name: str, options: tuple[tuple[str, Option], ...], door: Callable[[str], tuple[str, ...]] | None
) -> Embedder:
    """One embedder for all releases that want the same: weights are loaded once; ``api_key_env`` becomes the key.

    One that is behind an address gets the ``door`` to it.
    """
    given: dict[str, object] = dict(options)
    named = given.pop("api_key_env", "")
    key = secret(str(named)) if named else None
    make = plugins.find("embedders", name)
    try:
        return cast("Embedder", make(**given, **({"api_key": key} if key else {}), **({"door": door} if door else {})))
    except TypeError as error:
        way_out = f"Give {name} only the options that it has ({error})."
        raise SettingInvalid(name="retrieval.embedder_options", value=", ".join(given), way_out=way_out) from error
