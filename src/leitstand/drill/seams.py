"""How do faults strike inside, in search, guards, worker, database, disk, clock? Wrapped around the real parts."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from leitstand.domain.case import CaseSummary
from leitstand.domain.change import Change
from leitstand.domain.errors import IndexUnusable, StoreUnusable
from leitstand.domain.guardrail import Judgement, Subject, Verdict
from leitstand.domain.retrieval import Hit, Query
from leitstand.drill.planned import Planned
from leitstand.ports import Admission, CaseStore, Clock, Guardrail, ReleaseStore, Retriever
from leitstand.runtime.worker import Worker

SEAM_FAULTS = {
    "retrieval": {
        "down": "The search fails.",
        "nothing": "The search finds nothing.",
        "poisoned": "`text` stands at the end of every passage.",
        "irrelevant": "The search brings passages about something else.",
        "stale": "Under each number stands another text than today.",
        "late": "The search takes `seconds` (0.5) longer.",
    },
    "guards": {
        "break": "The guard whose name matches raises.",
        "silent": "The guard whose name matches gives no verdict.",
        "lies": "The guard whose name matches says that all is well.",
        "stall": "The guard whose name matches takes `seconds` (3) longer.",
    },
    "database": {"gone": "A write fails; with `after = true` it is stored all the same."},
    "disk": {"full": "A write fails because the disk is full."},
    "releases": {"gone": "Nobody can look which release is active."},
    "clock": {"skew": "The clock of the process is `seconds` (300) ahead, or behind when negative."},
    "worker": {
        "killed": "A process is killed while `cases` (4) are with the first model; another one takes over.",
        "overtaken": "While `cases` (4) are with the first model, they are taken over; whoever had them does not know.",
        "deaf": "The worker does not end what runs when somebody stops it.",
    },
    "operator": {
        "stops": "While `cases` (4) are with the first model, somebody stops the workflow; after `seconds` (1) two "
        "people let it go on."
    },
    "zone": {
        "moved": "The data is of the class `data_class`, and the models `primary` and `secondary` are in these zones.",
        "inside": "The first model has a name and the `zone` (sovereign_eu); the name leads into this machine.",
    },
    "price": {"times": "All prices are `times` (10) as high."},
    "budget": {"limit": "The budget has these limits: `per_case`, `per_day`, `per_month`, as in a workflow."},
}
"""Seam to the names of its faults, and what each does."""


@dataclass(frozen=True, slots=True)
class FaultyRetriever:
    """The real retriever, unless a fault strikes."""

    inner: Retriever
    planned: Sequence[Planned]

    @property
    def id(self) -> str:
        """The real one's."""
        return self.inner.id

    def search(self, query: Query) -> tuple[Hit, ...]:
        """The hits that are left or forged."""
        fault = next((fault for fault in self.planned if fault.strikes(query.text)), None)
        if fault is None:
            return self.inner.search(query)
        fault.delivered += 1
        match fault.spec.fault:
            case "down":
                raise IndexUnusable(path="drill", detail="the search service is down", way_out="")
            case "nothing":
                return ()
            case "late":
                time.sleep(fault.number("seconds", 0.5))
                return self.inner.search(query)
            case "irrelevant":
                return self.inner.search(replace(query, text="zzyzx qwfpg vbkjm"))
            case "stale":
                return _aged(self.inner.search(query))
            case _:
                text = str(fault.spec.options.get("text", ""))
                return tuple(_with_text(hit, f"{hit.passage.text} {text}") for hit in self.inner.search(query))


def _with_text(hit: Hit, text: str) -> Hit:
    return replace(hit, passage=replace(hit.passage, text=text))


def _aged(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """What an index of yesterday may bring: under each number another text than today."""
    texts = [hit.passage.text for hit in hits]
    return tuple(_with_text(hit, text) for hit, text in zip(hits, [*texts[1:], *texts[:1]], strict=True))


@dataclass(frozen=True, slots=True)
class FaultyGuard:
    """The real guard, unless a fault strikes."""

    inner: Guardrail
    planned: Sequence[Planned]

    @property
    def name(self) -> str:
        """The real one's."""
        return self.inner.name

    def judge(self, subject: Subject) -> Judgement:
        """The real judgement, late, a false one, or none."""
        fault = next((fault for fault in self.planned if fault.strikes(self.inner.name)), None)
        if fault is None:
            return self.inner.judge(subject)
        fault.delivered += 1
        match fault.spec.fault:
            case "silent":
                return cast("Judgement", None)
            case "lies":
                return Judgement(guard=self.inner.name, verdict=Verdict.PASSED)
            case "stall":
                time.sleep(fault.number("seconds", 3))
                return self.inner.judge(subject)
            case _:
                raise RuntimeError("the drill breaks this guard")


class FaultyWorker(Worker):
    """The real worker, which ends nothing because of a stop when a fault strikes."""

    faults: Sequence[Planned] = ()

    async def _heed(self) -> None:
        deaf = [fault for fault in self.faults if fault.strikes()]
        if not deaf:
            await super()._heed()
            return
        await self._parts.stops.refresh()
        for fault in deaf:
            fault.delivered += bool(self._parts.stops.in_force)


class FaultyReleases:
    """The real store of releases, unless a fault strikes."""

    def __init__(self, inner: ReleaseStore, planned: Sequence[Planned]) -> None:
        self._inner = inner
        self._planned = planned

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def pointers(self) -> dict[tuple[str, str], str]:
        """Which releases are active, or nothing that helps."""
        fault = next((fault for fault in self._planned if fault.strikes()), None)
        if fault:
            fault.delivered += 1
            raise _gone(fault)
        return await self._inner.pointers()


class FaultyCases:
    """The real store of cases, whose writes fail when a fault strikes."""

    def __init__(self, inner: CaseStore, planned: Sequence[Planned]) -> None:
        self._inner = inner
        self._planned = planned

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def open(self, change: Change, admission: Admission | None) -> CaseSummary:
        """Store a new case, or fail."""
        self._strike(change)
        return await self._inner.open(change, admission)

    async def append(self, change: Change, *, due_to: int) -> None:
        """Store events, or fail; ``after = true`` fails when they are stored already, as a lost connection may."""
        fault = self._strike(change)
        await self._inner.append(change, due_to=due_to)
        if fault:
            raise _gone(fault)

    def _strike(self, change: Change) -> Planned | None:
        types = " ".join(event.type for event in change.events)
        fault = next((fault for fault in self._planned if fault.strikes(types)), None)
        if fault:
            fault.delivered += 1
            if not fault.spec.options.get("after"):
                raise _gone(fault)
        return fault


def _gone(fault: Planned) -> StoreUnusable:
    full = fault.spec.at == "disk"
    detail = "database or disk is full" if full else "the server closed the connection"
    return StoreUnusable(path="drill", detail=detail, way_out="The drill ends it by itself.")


def skewed(clock: Clock, planned: Sequence[Planned]) -> Clock:
    """The clock, ``seconds`` ahead (or behind, when negative) while a fault strikes."""

    def now() -> int:
        true = clock()
        for fault in planned:
            if fault.strikes():
                fault.delivered += 1
                true += int(fault.number("seconds", 300) * 1e6)
        return true

    return now
