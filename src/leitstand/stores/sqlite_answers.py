"""Which answers may be given again? Rows in SQLite that point at the contents of cases."""

import asyncio
import sqlite3

from leitstand.domain.reuse import Found, Meaning, Reusable
from leitstand.stores import answer_rows
from leitstand.stores.sealed_content import TenantKeys
from leitstand.stores.sqlite_queries import SQL
from leitstand.stores.sqlite_reader import Reader
from leitstand.stores.sqlite_writer import NoWriter, Writer


class SqliteAnswers:
    """The ``AnswerCache`` on one SQLite file."""

    def __init__(self, writer: Writer | NoWriter, reader: Reader, tenants: TenantKeys) -> None:
        self._writer = writer
        self._reader = reader
        self._tenants = tenants

    async def find(self, tenant_id: str, key: bytes, *, at: int) -> Found | None:
        """The answer to the request of that key."""
        return await self._found(tenant_id, self._tenants.key(tenant_id).mark(key), at)

    async def take(self, tenant_id: str, answer: Reusable, *, at: int) -> Found | None:
        """One of the answers that ``meanings`` named."""
        return await self._found(tenant_id, answer.key, at)

    async def meanings(self, tenant_id: str, scope: bytes, *, at: int) -> tuple[tuple[Reusable, Meaning], ...]:
        """What the questions meant that were answered in that scope, newest first."""
        wanted = {"tenant_id": tenant_id, "scope": self._tenants.key(tenant_id).mark(scope), "now": at}
        rows = await self._reader.rows(SQL["meanings"], wanted)
        return await asyncio.to_thread(answer_rows.meanings, rows, self._tenants)

    async def _found(self, tenant_id: str, marked: bytes, at: int) -> Found | None:
        wanted = {"tenant_id": tenant_id, "key": marked, "now": at}
        return answer_rows.found(await self._reader.rows(SQL["answer"], wanted), self._tenants)

    async def keep(self, answer: Reusable, *, most: int) -> None:
        """Remember an answer, and forget those that are too old or too many."""
        row = answer_rows.row_of(answer, self._tenants)
        bounds = {"tenant_id": answer.tenant_id, "workflow": answer.workflow, "now": answer.made_at, "most": most}

        def operation(connection: sqlite3.Connection) -> None:
            connection.execute(SQL["keep_answer"], row)
            connection.execute(SQL["drop_answers"], bounds)

        await self._writer.run(operation)
