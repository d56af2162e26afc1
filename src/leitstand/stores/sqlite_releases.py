"""How are releases kept in SQLite, and who moves the pointer to the active one?"""

import hashlib
import sqlite3

import msgspec

from leitstand import __version__
from leitstand.domain.errors import ReleaseUnknown, StoreUnusable
from leitstand.domain.release import Release, ReleaseRow
from leitstand.domain.workflow import Workflow
from leitstand.encoding import canonical
from leitstand.stores.sqlite_queries import SQL
from leitstand.stores.sqlite_reader import Reader
from leitstand.stores.sqlite_writer import NoWriter, Writer

_WORKFLOW = msgspec.json.Decoder(Workflow)

Fields = dict[str, object]


class SqliteReleases:
    """The ``ReleaseStore`` on one SQLite file; ``name`` is what errors call the database."""

    def __init__(self, writer: Writer | NoWriter, reader: Reader, name: str) -> None:
        self._writer = writer
        self._reader = reader
        self._name = name

    async def add(self, release: Release, *, tenant_id: str, actor_id: str, at: int) -> bool:
        """Store a release; False when it was there already."""
        files = {path: (hashlib.sha256(content).hexdigest(), content) for path, content in release.files.items()}
        definition = msgspec.json.encode(release.workflow, order="sorted").decode()
        row = (tenant_id, release.digest, release.workflow.name, definition, release.index_id, at)
        event = _event(
            "release.added",
            {"workflow": release.workflow.name},
            tenant_id=tenant_id,
            release_digest=release.digest,
            actor={"kind": "person", "id": actor_id},
            at=at,
        )

        def operation(connection: sqlite3.Connection) -> bool:
            if connection.execute(SQL["insert_release"], row).rowcount == 0:
                return False
            connection.executemany(SQL["put_file"], [(tenant_id, *file) for file in files.values()])
            rows = [(tenant_id, release.digest, path, digest) for path, (digest, _) in files.items()]
            connection.executemany(SQL["insert_release_file"], rows)
            connection.execute(SQL["insert_release_event"], (tenant_id, release.digest, event))
            return True

        return await self._writer.run(operation)

    async def load(self, tenant_id: str, digest: str) -> Release:
        """The release whose digest begins with ``digest``; raises ``ReleaseUnknown``, also when several do."""

        def read(connection: sqlite3.Connection) -> tuple[sqlite3.Row, list[sqlite3.Row]]:
            wanted = {"tenant_id": tenant_id, "prefix": digest}
            rows = connection.execute(SQL["releases_by_prefix"], wanted).fetchall()
            if not digest or len(rows) != 1:
                raise ReleaseUnknown(digest=digest or "''", workflow="any workflow")
            return rows[0], connection.execute(SQL["release_contents"], (tenant_id, rows[0]["digest"])).fetchall()

        row, contents = await self._reader.run(read)
        for path, expected, content in contents:
            if hashlib.sha256(content).hexdigest() != expected:
                detail = f"file {path} of release {row['digest'][:12]} was changed after it was stored"
                raise StoreUnusable(
                    path=self._name, detail=detail, way_out="Restore the last backup, or add the release again."
                )
        return Release(
            digest=row["digest"],
            workflow=_WORKFLOW.decode(row["definition"]),
            files={path: content for path, _, content in contents},
            index_id=row["index_id"],
        )

    async def activate(self, digest: str, *, tenant_id: str, actor_id: str, at: int) -> None:
        """Move the pointer of the release's workflow to it, with its event; raises ``ReleaseUnknown``."""

        def operation(connection: sqlite3.Connection) -> None:
            marked = connection.execute(
                SQL["mark_activated"], {"tenant_id": tenant_id, "digest": digest, "at": at}
            ).fetchall()
            if not marked:
                raise ReleaseUnknown(digest=digest, workflow="any workflow")
            workflow = marked[0][0]
            earlier = connection.execute(SQL["pointer"], (tenant_id, workflow)).fetchone()
            connection.execute(SQL["move_pointer"], (tenant_id, workflow, digest))
            body = {"workflow": workflow, "replaced": earlier[0] if earlier else None}
            actor = {"kind": "person", "id": actor_id}
            event = _event("release.activated", body, tenant_id=tenant_id, release_digest=digest, actor=actor, at=at)
            connection.execute(SQL["insert_release_event"], (tenant_id, digest, event))

        await self._writer.run(operation)

    async def rows(self, tenant_id: str) -> tuple[ReleaseRow, ...]:
        """All releases, newest first."""
        rows = await self._reader.rows(SQL["release_rows"], (tenant_id,))
        return tuple(ReleaseRow(**{**dict(row), "active": bool(row["active"])}) for row in rows)

    async def pointers(self) -> dict[tuple[str, str], str]:
        """(tenant, workflow) to the digest of its active release."""
        return {(tenant, workflow): digest for tenant, workflow, digest in await self._reader.rows(SQL["pointers"], ())}


def _event(kind: str, body: Fields, **envelope: object) -> bytes:
    """Canonical bytes in the envelope of case events, less what only cases have."""
    return canonical(
        {"type": kind, "schema_version": 1, "runtime_version": __version__, "body": body, **envelope},
    )
