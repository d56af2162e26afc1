"""Which tenants does the database know? Each with a check of its key and a sequence for the numbers of its cases."""

import asyncio
import hashlib

from leitstand.stores.postgres_connections import Connection, Pool, fetch
from leitstand.stores.sealed_content import TenantKeys


class Tenants:
    """The tenants that this process has seen; their keys are verified before anything is sealed with them."""

    def __init__(self, pool: Pool, keys: TenantKeys) -> None:
        self._pool = pool
        self._keys = keys
        self._numbers: dict[str, str] = {}
        self._lock = asyncio.Lock()

    async def verify(self) -> None:
        """Raise ``StoreUnusable`` unless the keys of all tenants are here and are the ones of this database."""
        for row in await self._pool.rows("tenants"):
            self._keys.verify(row["tenant_id"], row["key_check"])

    async def numbers(self, tenant_id: str) -> str:
        """The sequence that numbers the tenant's cases; a new tenant is made. Raises ``StoreUnusable``."""
        if tenant_id not in self._numbers:
            async with self._lock:
                self._numbers[tenant_id] = await self._verified(tenant_id)
        return self._numbers[tenant_id]

    async def _verified(self, tenant_id: str) -> str:
        rows = await self._pool.rows("tenant", {"tenant_id": tenant_id})
        if not rows:
            await self._pool.transaction(lambda connection: self._make(connection, tenant_id))
            rows = await self._pool.rows("tenant", {"tenant_id": tenant_id})
        self._keys.verify(tenant_id, rows[0]["key_check"])
        return str(rows[0]["numbers"])

    async def _make(self, connection: Connection, tenant_id: str) -> None:
        await fetch(connection, "lock", what="tenants")
        if await fetch(connection, "tenant", tenant_id=tenant_id):
            return
        numbers = f"numbers_{hashlib.sha256(tenant_id.encode()).hexdigest()[:16]}"
        values = {"tenant_id": tenant_id, "key_check": self._keys.check(tenant_id), "numbers": numbers}
        await fetch(connection, "insert_tenant", **values)
        await connection.execute(f"CREATE SEQUENCE {numbers}")
