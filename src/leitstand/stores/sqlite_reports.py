"""What did examinations of releases find? A table of its own in SQLite."""

from leitstand.domain.report import Kind, Report
from leitstand.stores.sqlite_queries import SQL
from leitstand.stores.sqlite_reader import Reader
from leitstand.stores.sqlite_writer import NoWriter, Writer


class SqliteReports:
    """The ``ReportStore`` on one SQLite file."""

    def __init__(self, writer: Writer | NoWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def add(self, report: Report) -> None:
        """Keep a report; earlier ones stay."""
        row = (report.tenant_id, report.workflow, report.release_digest, report.kind, report.at, report.body)
        await self._writer.run(lambda connection: connection.execute(SQL["insert_report"], row).rowcount)

    async def newest(self, tenant_id: str, workflow: str, kind: Kind, release_digest: str = "") -> Report | None:
        """The newest of its kind, about that release or any; None when there is none."""
        wanted = {"tenant_id": tenant_id, "workflow": workflow, "kind": kind, "release_digest": release_digest}
        rows = await self._reader.rows(SQL["newest_report"], wanted)
        return Report(**dict(rows[0])) if rows else None
