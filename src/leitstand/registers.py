"""Which registers are kept beside the cases, each as the smallest thing needed of it?"""

from typing import Protocol

from leitstand.domain.release import Release, ReleaseRow
from leitstand.domain.report import Kind as ReportKind
from leitstand.domain.report import Report
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


class ReportStore(Protocol):
    """Keeps for ever what examinations of releases found."""

    async def add(self, report: Report) -> None:
        """Keep a report; earlier ones stay."""

    async def newest(self, tenant_id: str, workflow: str, kind: ReportKind) -> Report | None:
        """The newest of its kind, whichever release of the workflow it is about; None when there is none."""


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
