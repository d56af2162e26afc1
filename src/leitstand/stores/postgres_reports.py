"""What did examinations of releases find? A table of its own in PostgreSQL."""

from leitstand.domain.report import Kind, Report
from leitstand.stores.postgres_connections import Pool


class PostgresReports:
    """The ``ReportStore`` on a PostgreSQL database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, report: Report) -> None:
        """Keep a report; earlier ones stay."""
        await self._pool.execute(
            "insert_report",
            tenant_id=report.tenant_id,
            workflow=report.workflow,
            release_digest=report.release_digest,
            kind=report.kind,
            at=report.at,
            body=report.body,
        )

    async def newest(self, tenant_id: str, workflow: str, kind: Kind, release_digest: str = "") -> Report | None:
        """The newest of its kind, about that release or any; None when there is none."""
        wanted = {"tenant_id": tenant_id, "workflow": workflow, "kind": kind, "release_digest": release_digest}
        rows = await self._pool.rows("newest_report", wanted)
        return Report(**dict(rows[0])) if rows else None
