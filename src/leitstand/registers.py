"""Which registers are kept beside the cases, each as the smallest thing needed of it?"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from leitstand.domain.breaker import Breaker, Place
from leitstand.domain.ledger import Account, Reservation, Room
from leitstand.domain.release import Release, ReleaseRow
from leitstand.domain.report import Kind as ReportKind
from leitstand.domain.report import Report
from leitstand.domain.reuse import Found, Meaning, Reusable
from leitstand.domain.review import Person
from leitstand.domain.stop import Stop


class ReleaseStore(Protocol):
    """Keeps releases for ever and knows which one is active per workflow."""

    async def add(self, release: Release, *, tenant_id: str, actor_id: str, at: int) -> bool:
        """Store a release; False when it was there already."""

    async def load(self, tenant_id: str, digest: str) -> Release:
        """The release with that digest (a unique prefix suffices); raises ``ReleaseUnknown``."""

    async def activate(self, digest: str, *, tenant_id: str, actor_id: str, at: int) -> None:
        """Move the pointer of the release's workflow to it, with its event."""

    async def rows(self, tenant_id: str) -> tuple[ReleaseRow, ...]:
        """All releases, newest first, with which of them is active."""

    async def pointers(self) -> dict[tuple[str, str], str]:
        """(tenant, workflow) to the digest of its active release."""


class PeopleStore(Protocol):
    """Keeps the deletable table of names behind pseudonymous actor ids."""

    async def people(self, tenant_id: str) -> tuple[Person, ...]:
        """Everybody known, by name."""

    async def add_person(self, tenant_id: str, person: Person) -> None:
        """Add somebody, or change the name behind an id."""


class HealthStore(Protocol):
    """Keeps the states of breakers, so that all processes leave a failing model alone together."""

    async def breakers(self) -> Mapping[Place, Breaker]:
        """Every breaker that ever opened, of all tenants, without its counts."""

    async def change_breaker(self, place: Place, breaker: Breaker) -> bool:
        """Store a changed state; False when the stored one is not of the version before: another was quicker."""


class ReportStore(Protocol):
    """Keeps for ever what examinations of releases found."""

    async def add(self, report: Report) -> None:
        """Keep a report; earlier ones stay."""

    async def newest(self, tenant_id: str, workflow: str, kind: ReportKind, release_digest: str = "") -> Report | None:
        """The newest of its kind, about that release or any of the workflow; None when there is none."""


class StopStore(Protocol):
    """Keeps for ever who stopped what, and who let it go on; each change with its event."""

    async def begin(self, stop: Stop) -> bool:
        """Let a stop hold from now on; False when one holds the same already."""

    async def move(self, stop: Stop, *, due_to: str) -> bool:
        """Store the proposal to end a stop, or its end; ``due_to`` is the hash of the token that it had before.

        False when it has another by now, or is over.
        """

    async def in_force(self) -> tuple[Stop, ...]:
        """All that hold, of all tenants; those of single cases only while they are fresh."""

    async def newest(self, tenant_id: str, most: int) -> tuple[Stop, ...]:
        """The newest that concern a tenant, also those that are over."""

    async def find(self, stop_id: str) -> Stop | None:
        """The stop with that id."""


class AnswerCache(Protocol):
    """Knows which answers may be given again.

    It holds no content: an answer stays with the contents of the case that asked, and is gone with them.
    """

    async def find(self, tenant_id: str, key: bytes, *, at: int) -> Found | None:
        """The answer to the request of that key; None when there is none, it is too old, erased or unreadable.

        Nor is one given again that a person rejected or changed, or whose case failed or was stopped.
        """

    async def meanings(self, tenant_id: str, scope: bytes, *, at: int) -> tuple[tuple[Reusable, Meaning], ...]:
        """What the questions meant that were answered in that scope, newest first; the same are left out as above."""

    async def take(self, tenant_id: str, answer: Reusable, *, at: int) -> Found | None:
        """One of the answers that ``meanings`` named, as ``find`` would give it."""

    async def keep(self, answer: Reusable, *, most: int) -> None:
        """Remember an answer in place of an earlier one under its key; the oldest beyond ``most`` are forgotten.

        Nothing is remembered of a case whose contents were erased.
        """


class Ledger(Protocol):
    """Adds up what is reserved and spent: what a limit is held against is what everybody is shown."""

    async def reserve(self, reservation: Reservation) -> Room:
        """Hold back what a call may cost on all its accounts, or on none when one of them has no room.

        Before anything that is written after it returned is durable, the reservation is. One that is there already is
        left as it is: the call did not leave when it was made.
        """

    async def settle(self, reservation: Reservation, costs: Sequence[int | None]) -> None:
        """Book what the call of a reservation cost, line by line; None where that is unknown. A second time is nothing.

        What is unknown counts as spent with what was held back.
        """

    async def settle_abandoned(self, before: int) -> int:
        """Settle what was reserved before that time as unknown: its process is gone. Returns how many there were."""

    async def accounts(self, tenant_id: str, names: Sequence[str]) -> tuple[Account, ...]:
        """The accounts of these names; those on which nothing ever happened are missing."""
