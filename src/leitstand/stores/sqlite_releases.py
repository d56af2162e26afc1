"""How are releases kept in SQLite, and who moves the pointer to the active one?"""

import sqlite3

from leitstand.domain.errors import ReleaseUnknown, translatable
from leitstand.domain.release import Release, ReleaseRow
from leitstand.stores.release_rows import activated_event, release_of, rows_of_release
from leitstand.stores.sqlite_queries import SQL
from leitstand.stores.sqlite_reader import Reader
from leitstand.stores.sqlite_writer import NoWriter, Writer


class SqliteReleases:
    """The ``ReleaseStore`` on one SQLite file; ``name`` is what errors call the database."""

    def __init__(self, writer: Writer | NoWriter, reader: Reader, name: str) -> None:
        self._writer = writer
        self._reader = reader
        self._name = name

    async def add(self, release: Release, *, tenant_id: str, actor_id: str, at: int) -> bool:
        """Store a release; False when it was there already."""
        rows = rows_of_release(release, tenant_id, actor_id, at)

        def operation(connection: sqlite3.Connection) -> bool:
            if connection.execute(SQL["insert_release"], rows.release).rowcount == 0:
                return False
            connection.executemany(SQL["put_file"], rows.files)
            connection.executemany(SQL["insert_release_file"], rows.places)
            connection.execute(SQL["insert_release_event"], (tenant_id, release.digest, rows.event))
            return True

        return await self._writer.run(operation)

    async def load(self, tenant_id: str, digest: str) -> Release:
        """The release whose digest begins with ``digest``; raises ``ReleaseUnknown``, also when several do."""

        def read(connection: sqlite3.Connection) -> tuple[sqlite3.Row, list[sqlite3.Row]]:
            wanted = {"tenant_id": tenant_id, "prefix": digest}
            rows = connection.execute(SQL["releases_by_prefix"], wanted).fetchall()
            if not digest or len(rows) != 1:
                raise ReleaseUnknown(digest=digest or "''", workflow=translatable("any workflow"))
            return rows[0], connection.execute(SQL["release_contents"], (tenant_id, rows[0]["digest"])).fetchall()

        row, contents = await self._reader.run(read)
        return release_of(row, [tuple(content) for content in contents], self._name)

    async def activate(self, digest: str, *, tenant_id: str, actor_id: str, at: int) -> None:
        """Move the pointer of the release's workflow to it, with its event; raises ``ReleaseUnknown``."""

        def operation(connection: sqlite3.Connection) -> None:
            marked = connection.execute(
                SQL["mark_activated"], {"tenant_id": tenant_id, "digest": digest, "at": at}
            ).fetchall()
            if not marked:
                raise ReleaseUnknown(digest=digest, workflow=translatable("any workflow"))
            workflow = marked[0][0]
            earlier = connection.execute(SQL["pointer"], (tenant_id, workflow)).fetchone()
            connection.execute(SQL["move_pointer"], (tenant_id, workflow, digest))
            replaced, actor = earlier[0] if earlier else None, {"kind": "person", "id": actor_id}
            event = activated_event(workflow, replaced, digest, tenant_id=tenant_id, actor=actor, at=at)
            connection.execute(SQL["insert_release_event"], (tenant_id, digest, event))

        await self._writer.run(operation)

    async def rows(self, tenant_id: str) -> tuple[ReleaseRow, ...]:
        """All releases, newest first."""
        rows = await self._reader.rows(SQL["release_rows"], (tenant_id,))
        return tuple(ReleaseRow(**{**dict(row), "active": bool(row["active"])}) for row in rows)

    async def pointers(self) -> dict[tuple[str, str], str]:
        """(tenant, workflow) to the digest of its active release."""
        return {(tenant, workflow): digest for tenant, workflow, digest in await self._reader.rows(SQL["pointers"], ())}
