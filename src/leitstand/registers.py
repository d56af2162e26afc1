"""Which registers are kept beside the cases, each as the smallest thing needed of it?"""

from typing import Protocol

from leitstand.domain.release import Release, ReleaseRow
from leitstand.domain.report import Kind as ReportKind
from leitstand.domain.report import Report
from leitstand.domain.review import Person


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
