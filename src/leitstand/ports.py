"""Which seams does the runtime have? Each on this page or from it, each as the smallest thing needed of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from leitstand.domain.case import Case, CaseSummary, Priority
from leitstand.domain.change import Admission as Admission
from leitstand.domain.change import Backlog as Backlog
from leitstand.domain.change import CaseFilter as CaseFilter
from leitstand.domain.change import Change as Change
from leitstand.domain.change import Claimed as Claimed
from leitstand.domain.change import Content as Content
from leitstand.domain.change import Effect as Effect
from leitstand.domain.change import Queued as Queued
from leitstand.domain.change import Vacancy as Vacancy
from leitstand.domain.event import Event
from leitstand.domain.fallback import Way
from leitstand.domain.figures import Figures
from leitstand.domain.guardrail import Judgement, Subject
from leitstand.domain.message import Answer, Request
from leitstand.domain.phrases import Phrase
from leitstand.domain.price import Price
from leitstand.domain.retrieval import Hit, Passage, Query
from leitstand.http_reply import Reply, StreamedReply
from leitstand.places import Clock as Clock
from leitstand.places import Database as Database
from leitstand.places import IndexPlace as IndexPlace
from leitstand.places import News as News
from leitstand.places import SchemaStatus as SchemaStatus
from leitstand.registers import AnswerCache as AnswerCache
from leitstand.registers import HealthStore as HealthStore
from leitstand.registers import Ledger as Ledger
from leitstand.registers import PeopleStore as PeopleStore
from leitstand.registers import ReleaseStore as ReleaseStore
from leitstand.registers import ReportStore as ReportStore
from leitstand.registers import StopStore as StopStore

if TYPE_CHECKING:
    from leitstand.vectors import Vectors

Data = dict[str, object]
"""A JSON object."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hooks:
    """The operator's own functions; None where the workflow has none, ``functions`` those that its tools call."""

    normalise: Callable[[Data], Data] | None = None
    postprocess: Callable[[Data, Data], Data] | None = None
    functions: Mapping[str, Callable[..., object]] = field(default_factory=dict)


class Embedder(Protocol):
    """Turns texts into vectors.

    ``id`` names model and weights (``name:weight-hash``), so that an index knows what made it.
    """

    @property
    def id(self) -> str:
        """Model and hash of its weights."""

    def embed(self, texts: Sequence[str], *, query: bool) -> "Vectors":
        """Vectors of ``texts``; ``query`` tells questions from passages. Blocking: callers run it on a thread."""


class Retriever(Protocol):
    """Searches one immutable index. ``id`` is the digest of its inputs: passages, embedder, settings."""

    @property
    def id(self) -> str:
        """Digest of the index inputs."""

    def search(self, query: Query) -> tuple[Hit, ...]:
        """The best passages, best first. Blocking: callers run it on a thread."""


class Index(Protocol):
    """Makes and finds the indexes of one kind with one embedder.

    What makes it takes an ``IndexPlace`` and an ``Embedder | None``.
    """

    def id_of(self, passages: tuple[Passage, ...]) -> str:
        """The digest of the index inputs: passages, embedder, and the settings of the index."""

    def open(self, index_id: str) -> Retriever | None:
        """The index of that id; None when it is not there or cannot be used."""

    def build(self, passages: tuple[Passage, ...]) -> Retriever:
        """The index of these passages; what is there already is not made again."""


class ModelProvider(Protocol):
    """Calls one model service. ``price`` is what the provider itself knows (the extractive one: zero), else None."""

    @property
    def price(self) -> Price | None:
        """What the provider itself knows of its price."""

    async def generate(self, request: Request, on_delta: Callable[[str], None] | None = None) -> Answer:
        """Answer of the model; raises ``ProviderFailed`` for everything else, within ``request.timeout`` seconds.

        ``on_delta`` hears the pieces of the answer's text as they come, an empty one for a piece of a tool call; it
        never blocks and never raises.
        """


class Guardrail(Protocol):
    """Judges a draft. ``name`` is what policy calls it."""

    @property
    def name(self) -> str:
        """What policy calls it."""

    def judge(self, subject: Subject) -> Judgement:
        """Verdict and findings; deterministic, quick (well under 10 ms), no I/O.

        On a thread where a text is long or the check has a limit; anything else than a judgement under its own name is
        an error.
        """


class Transport(Protocol):
    """Sends HTTP requests to other services: no proxy from the environment, no redirect followed, no cookie kept.

    It looks up no name: it reaches IP addresses, and hosts that it was ``pinned`` to.
    """

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes, timeout: float) -> Reply:
        """The reply, whatever its status.

        Raises ``TimeoutError`` after ``timeout`` seconds in all and ``ConnectionError`` for everything broken, a
        ``ConnectionRefusedError`` when nothing left for want of a connection; none of them says the address, which may
        hold what nobody should read.
        """

    def stream(
        self, url: str, *, headers: Mapping[str, str], body: bytes, timeout: float, silence: float
    ) -> AbstractAsyncContextManager[StreamedReply]:
        """The reply as soon as its head is there, its body piece by piece as it comes.

        Raises like ``post``, also from ``chunks``; ``TimeoutError`` too when nothing comes for ``silence`` seconds
        between two chunks. Leaving the block gives up what has not come yet.
        """

    def pinned(self, host: str, peer: str) -> "Transport":
        """The same for requests to ``host``, which connect to the IP address ``peer`` and name ``host`` to it."""

    def connecting_within(self, seconds: float) -> "Transport":
        """The same, for whoever waits so long at most for a connection: ``ConnectionError`` when there is none by then.

        Closed with this one; asked for the same seconds again it is the same.
        """

    async def close(self) -> None:
        """Close the kept connections, also the pinned ones."""


class CaseStore(Protocol):
    """Keeps cases.

    Every method takes or carries the tenant; every write is one transaction and returns after it is durable.
    """

    async def open(self, change: Change, admission: Admission | None) -> CaseSummary:
        """Store a new case; with an ``admission`` seen before, return the case stored then: its id is another.

        Raises ``IdempotencyConflict`` when the key came with another request.
        """

    async def known(self, tenant_id: str, workflow: str, keys: Sequence[str]) -> frozenset[str]:
        """Which of these keys were admitted before, whatever came with them; a few hundred at a time."""

    async def append(self, change: Change, *, due_to: int) -> None:
        """Add events to a case whose journal ends at sequence number ``due_to`` under the case's epoch.

        Raises ``LeaseLost`` when it does not.
        """

    async def events(self, tenant_id: str, case_id: str) -> tuple[Event, ...]:
        """The journal in order; empty when there is no such case."""

    async def contents(self, tenant_id: str, case_id: str, names: Sequence[str] = ()) -> dict[str, bytes]:
        """Decrypted contents by name, all of them when ``names`` is empty; erased ones are missing."""

    async def summary(self, tenant_id: str, case_id: str) -> CaseSummary | None:
        """The row of one case by id, or by display number when ``case_id`` is digits."""

    async def find(self, tenant_id: str, wanted: CaseFilter) -> tuple[CaseSummary, ...]:
        """Rows, newest first unless the filter says otherwise."""

    async def figures(self, tenant_id: str, workflow: str, *, since: int, in_time: int) -> Figures:
        """What the cases accepted since then add up to; ``in_time`` is the SLO in microseconds."""

    async def ways(self, tenant_id: str, workflow: str, *, since: int) -> tuple[Way, ...]:
        """Which ways the cases accepted since then and answered went through the chains of their releases."""

    async def waiting(self, tenant_id: str) -> Mapping[tuple[str, str], int]:
        """How many cases wait for a person, per workflow and status; pairs without any are missing."""

    async def job(self, tenant_id: str, job: str, among: Sequence[str] = ()) -> Mapping[str, int]:
        """How many cases a job has by status, among these statuses or all; statuses without any are missing.

        Costs what the counted cases are, not what the table is: with ``among`` few a million others change nothing.
        """

    async def claim(self, vacancy: Vacancy) -> tuple[Claimed, ...]:
        """Take over cases that are due and that nobody runs, oldest first: raise their epoch, re-read their journal.

        Also frees what processes held that are gone, so that it is due again.
        """

    async def queued(self, priority: Priority, most: int) -> tuple[Queued, ...]:
        """What is due and run nowhere, by tenant and workflow; counting stops at ``most`` cases in all."""

    async def backlog(self, most: int) -> tuple[Backlog, ...]:
        """What is not done yet, of all tenants; counting what nobody runs stops at ``most`` cases, oldest first."""

    async def holds(self, case: Case) -> bool:
        """Whether ``case`` still stands at its epoch and sequence number; asked right before every outward effect."""


class Schema(Protocol):
    """The tables of a database, for whoever runs it; what makes it takes a ``Database``."""

    async def status(self) -> SchemaStatus:
        """Where the schema stands; raises ``StoreUnusable``."""

    async def upgrade(self) -> SchemaStatus:
        """Bring the schema forward, each step in a transaction of its own; where it stood before.

        Raises ``StoreUnusable`` while programs work on the database that could not go on, ``StoreOwned`` while one
        owns it.
        """

    async def check(self) -> tuple[Phrase, ...]:
        """What is not as it should be, after a look at everything that may take minutes; nothing is changed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stores:
    """An opened database.

    ``close`` returns when everything accepted is durable, what this process held is handed back and the database is
    free for others; ``notices`` are sentences for the operator about what is not as it should be and yet no reason to
    refuse. ``figures`` are the store's own numbers by name, for whoever watches the process: ``commits``, ``writes``,
    ``writes_waiting``, ``connections_used``, and ``heartbeat_age`` in seconds where processes hold leases. ``now`` is
    UTC in microseconds by the clock of a database that has one of its own; ``clock`` is that of this process, kept near
    to it, for all that other processes read.
    """

    cases: CaseStore
    releases: ReleaseStore
    people: PeopleStore
    answers: AnswerCache
    reports: ReportStore
    stops: StopStore
    ledger: Ledger
    health: HealthStore
    close: Callable[[], Awaitable[None]]
    news: News = field(default_factory=News)
    notices: tuple[Phrase, ...] = ()
    figures: Callable[[], Mapping[str, float]] = dict
    now: Callable[[], Awaitable[int]] | None = None
    clock: "Clock | None" = None


class Deliverer(Protocol):
    """Brings an accepted output to its receiver."""

    async def deliver(self, *, key: str, body: bytes) -> str:
        """Hand ``body`` (JSON) over under the idempotency key; returns what the receiver said in short.

        Raises ``DeliveryFailed``.
        """


class Exporter(Protocol):
    """Tells another system what happens here, from the events that were saved. ``name`` is that of the extension."""

    @property
    def name(self) -> str:
        """The name of the extension."""

    @property
    def dropped(self) -> int:
        """Changes that the other system did not get."""

    def saved(self, change: Change) -> None:
        """Take note of a durable change; within microseconds, without waiting for anything."""

    async def close(self) -> None:
        """Send what is left, for a few seconds at most."""
