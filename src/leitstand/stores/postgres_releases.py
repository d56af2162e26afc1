"""How are releases kept in PostgreSQL, and who moves the pointer to the active one?"""

from leitstand.domain.errors import ReleaseUnknown, translatable
from leitstand.domain.release import Release, ReleaseRow
from leitstand.stores.postgres_connections import Connection, Pool, columns, fetch
from leitstand.stores.postgres_news import RELEASES
from leitstand.stores.release_rows import activated_event, release_of, rows_of_release


class PostgresReleases:
    """The ``ReleaseStore`` on a PostgreSQL database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, release: Release, *, tenant_id: str, actor_id: str, at: int) -> bool:
        """Store a release; False when it was there already."""
        rows = rows_of_release(release, tenant_id, actor_id, at)
        names = ("tenant_id", "digest", "workflow", "definition", "index_id", "added_at")

        async def work(connection: Connection) -> bool:
            if not await fetch(connection, "insert_release", **dict(zip(names, rows.release, strict=True))):
                return False
            await fetch(connection, "put_files", **columns(("tenant_id", "hash", "content"), rows.files))
            places = columns(("tenant_id", "digest", "path", "hash"), rows.places)
            await fetch(connection, "insert_release_files", **places)
            event = {"tenant_id": tenant_id, "digest": release.digest, "payload": rows.event}
            await fetch(connection, "insert_release_event", **event)
            return True

        return await self._pool.transaction(work)

    async def load(self, tenant_id: str, digest: str) -> Release:
        """The release whose digest begins with ``digest``; raises ``ReleaseUnknown``, also when several do."""
        rows = await self._pool.rows("releases_by_prefix", {"tenant_id": tenant_id, "prefix": digest})
        if not digest or len(rows) != 1:
            raise ReleaseUnknown(digest=digest or "''", workflow=translatable("any workflow"))
        wanted = {"tenant_id": tenant_id, "digest": rows[0]["digest"]}
        contents = await self._pool.rows("release_contents", wanted)
        files = [(row["path"], row["hash"], row["content"]) for row in contents]
        return release_of(rows[0], files, self._pool.server.name)

    async def activate(self, digest: str, *, tenant_id: str, actor_id: str, at: int) -> None:
        """Move the pointer of the release's workflow to it, with its event; raises ``ReleaseUnknown``."""
        release = {"tenant_id": tenant_id, "digest": digest}

        async def work(connection: Connection) -> None:
            await fetch(connection, "lock", what="pointers")
            marked = await fetch(connection, "mark_activated", **release, at=at)
            if not marked:
                raise ReleaseUnknown(digest=digest, workflow=translatable("any workflow"))
            workflow = marked[0]["workflow"]
            earlier = await fetch(connection, "pointer", tenant_id=tenant_id, workflow=workflow)
            await fetch(connection, "move_pointer", **release, workflow=workflow)
            replaced, actor = earlier[0]["digest"] if earlier else None, {"kind": "person", "id": actor_id}
            event = activated_event(workflow, replaced, digest, tenant_id=tenant_id, actor=actor, at=at)
            await fetch(connection, "insert_release_event", **release, payload=event)
            await fetch(connection, "notify", channel=RELEASES)

        await self._pool.transaction(work)

    async def rows(self, tenant_id: str) -> tuple[ReleaseRow, ...]:
        """All releases, newest first."""
        rows = await self._pool.rows("release_rows", {"tenant_id": tenant_id})
        return tuple(ReleaseRow(**dict(row)) for row in rows)

    async def pointers(self) -> dict[tuple[str, str], str]:
        """(tenant, workflow) to the digest of its active release."""
        return {(row["tenant_id"], row["workflow"]): row["digest"] for row in await self._pool.rows("pointers")}
