"""Which parts does a running Leitstand consist of, and which releases can it work with right now?"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from leitstand.domain.budget import Terms, terms_of
from leitstand.domain.errors import LeitstandError, Phrase, WorkflowUnknown, translatable
from leitstand.domain.guardrail import Outcome, Verdict
from leitstand.domain.message import Message
from leitstand.domain.release import Release
from leitstand.domain.retrieval import Passage
from leitstand.domain.route import Route
from leitstand.domain.workflow import Workflow
from leitstand.ports import (
    AnswerCache,
    CaseStore,
    Clock,
    Deliverer,
    Embedder,
    Guardrail,
    Hooks,
    Ledger,
    ModelProvider,
    News,
    PeopleStore,
    ReleaseStore,
    ReportStore,
    Retriever,
)
from leitstand.runtime.breakers import Breakers
from leitstand.runtime.flights import Flights
from leitstand.runtime.gates import Gate
from leitstand.runtime.listen import Listeners
from leitstand.runtime.rates import Rates
from leitstand.runtime.remembered import Remembered
from leitstand.runtime.retries import Retries
from leitstand.runtime.stops import Stops
from leitstand.runtime.tool_call import ReadyTool
from leitstand.runtime.watch import Watch

_log = logging.getLogger(__name__)

MOST_AT_HAND = 16
"""Releases that stay put together; one that was not asked for the longest is put together anew when it is."""

Problems = tuple[tuple[str, str], ...]
"""JSON pointer and what is wrong there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """A release with everything that it names put together: schemas, prompt, index, models, guardrails, receiver.

    Its files are left behind, which the index has read already and which would be in memory twice. ``providers`` and
    ``routes`` stand in the order of the chain, ``terms`` are on which each is asked, ``guardrails`` in the order of the
    checks, and ``policy`` says where their verdicts lead.
    """

    digest: str
    workflow: Workflow
    input_schema: Mapping[str, object]
    output_schema: Mapping[str, object]
    input_problems: Callable[[object], Problems]
    output_problems: Callable[[object], Problems]
    render: Callable[[Mapping[str, object], tuple[Passage, ...], str], tuple[Message, ...]]
    hooks: Hooks
    retriever: Retriever | None
    providers: tuple[ModelProvider, ...]
    guardrails: tuple[Guardrail, ...]
    deliverer: Deliverer | None
    questions: Embedder | None = None
    tools: Mapping[str, ReadyTool] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    terms: tuple[Terms, ...] = field(init=False)
    policy: Mapping[str, Mapping[Verdict, Outcome]] = field(init=False)

    def __post_init__(self) -> None:
        chain = self.workflow.draft.chain
        prices = [target.price or provider.price for target, provider in zip(chain, self.providers, strict=False)]
        object.__setattr__(self, "terms", terms_of(self.workflow.budget, prices))
        object.__setattr__(self, "policy", self.workflow.policy())

    def route_of(self, index: int) -> Route | None:
        """Where a target of the chain is; None for a release that was put together without routes."""
        return self.routes[index] if self.routes else None

    @property
    def streams(self) -> bool:
        """Whether an answer may leave piece by piece: nothing may hold it back or change it once it is whole."""
        workflow = self.workflow
        unchanged = workflow.draft.form == "text" and self.hooks.postprocess is None
        unseen = workflow.review.when == "flagged" and workflow.review.sample_percent == 0
        final = not self.tools  # what a model says before it asks for one is no answer
        return unchanged and unseen and final and not self.guardrails and self.deliverer is None


class Installations:
    """Releases by digest, put together once, and the pointers to the active ones.

    ``places`` are tenant and workflow of every pointer. ``refresh`` re-reads the pointers; the server does so each
    second, so that an activation elsewhere arrives here.
    """

    def __init__(self, releases: ReleaseStore, install: Callable[[Release], Awaitable[Installed]]) -> None:
        self._releases = releases
        self._install = install
        self._by_digest: dict[str, Installed] = {}
        self._promised: dict[str, float] = {}
        self._active: dict[tuple[str, str], Installed] = {}
        self._broken: set[str] = set()
        self.places: tuple[tuple[str, str], ...] = ()

    async def refresh(self) -> None:
        """Put together what became active since the last look.

        A release that cannot be put together here leaves the one before it active, and the others alone.
        """
        active = {}
        pointers = await self._releases.pointers()
        for place, digest in pointers.items():
            if installed := await self._installed(place[0], digest) or self._active.get(place):
                active[place] = installed
        self._active, self.places = active, tuple(pointers)

    async def _installed(self, tenant_id: str, digest: str) -> Installed | None:
        """The release, None when it cannot be put together; that is tried and said once."""
        if digest in self._broken:
            return None
        try:
            return await self.by_digest(tenant_id, digest)
        except LeitstandError:
            _log.exception("release %s cannot be put together", digest)
            self._broken.add(digest)
            return None

    def active(self, tenant_id: str, workflow: str) -> Installed:
        """The active release of a workflow; raises ``WorkflowUnknown``."""
        try:
            return self._active[tenant_id, workflow]
        except KeyError:
            known = (name for tenant, name in self._active if tenant == tenant_id)
            raise unknown_workflow(workflow, known) from None

    def named(self, tenant_id: str, workflow: str) -> str:
        """The name of a workflow that has cases, also when its release cannot be put together here.

        Raises ``WorkflowUnknown``.
        """
        return workflow if (tenant_id, workflow) in self.places else self.active(tenant_id, workflow).workflow.name

    def all_active(self, tenant_id: str) -> tuple[Installed, ...]:
        """The active releases by workflow name."""
        return tuple(self._active[key] for key in sorted(self._active) if key[0] == tenant_id)

    @property
    def any_active(self) -> bool:
        """Whether there is anything to work with."""
        return bool(self._active)

    def by_tenant(self) -> dict[str, tuple[Workflow, ...]]:
        """The active workflows of each tenant."""
        tenants = {tenant_id for tenant_id, _ in self._active}
        return {one: tuple(installed.workflow for installed in self.all_active(one)) for one in sorted(tenants)}

    def promises(self) -> tuple[Workflow, ...]:
        """The active workflows of all tenants."""
        return tuple(installed.workflow for installed in self._active.values())

    def slo_of(self, digest: str) -> float | None:
        """The response time in seconds that a release promises; None when it was not put together here."""
        return self._promised.get(digest)

    def most_running(self, tenant_id: str, workflow: str) -> int:
        """How many cases the workflow allows at once in this process; 0 for no limit."""
        installed = self._active.get((tenant_id, workflow))
        return installed.workflow.limits.most_running if installed else 0

    async def by_digest(self, tenant_id: str, digest: str) -> Installed:
        """A release, old ones included, so that a case keeps the one it began with."""
        installed = self._by_digest.pop(digest, None)
        if installed is None:
            installed = await self._install(await self._releases.load(tenant_id, digest))
            self._promised[digest] = installed.workflow.slo.response_seconds
            self._make_room()
        self._by_digest[digest] = installed
        return installed

    def _make_room(self) -> None:
        """Let go of the old releases that were not asked for the longest; cases under way keep theirs by themselves."""
        active = {installed.digest for installed in self._active.values()}
        idle = [digest for digest in self._by_digest if digest not in active]
        for digest in idle[: max(0, len(idle) - MOST_AT_HAND + 1)]:
            del self._by_digest[digest]


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """The ports, made once at start by the assembly.

    ``figures`` are the store's own numbers; every model call passes the ``gates`` in their order.
    ``looks`` learn each second what other processes changed; ``data`` is the folder whose disk must not fill up.
    """

    cases: CaseStore
    releases: ReleaseStore
    people: PeopleStore
    answers: AnswerCache
    reports: ReportStore
    stops: Stops
    ledger: Ledger
    installations: Installations
    clock: Clock
    news: News = field(default_factory=News)
    figures: Callable[[], Mapping[str, float]] = dict
    watch: Watch = field(default_factory=Watch)
    listeners: Listeners = field(default_factory=Listeners)
    retries: Retries = field(default_factory=Retries)
    breakers: Breakers | None = None
    rates: Rates | None = None
    gates: tuple[Gate, ...] = ()
    flights: Flights = field(default_factory=Flights)
    remembered: Remembered = field(default_factory=Remembered)
    looks: tuple[Callable[[], Awaitable[None]], ...] = ()
    data: Path | None = None


def unknown_workflow(name: str, active: Iterable[str]) -> WorkflowUnknown:
    """The error for a name that is none of the active workflows."""
    nothing = Phrase(translatable("none yet; `leitstand release add FOLDER --activate` adds one"))
    return WorkflowUnknown(name=name, known=", ".join(sorted(active)) or nothing)
