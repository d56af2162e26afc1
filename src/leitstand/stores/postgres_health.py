"""Which models are left alone right now? A table of its own in PostgreSQL."""

from leitstand.domain.breaker import Breaker, Place, State
from leitstand.stores.postgres_connections import Pool


class PostgresHealth:
    """The ``HealthStore`` on a PostgreSQL database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def breakers(self) -> dict[Place, Breaker]:
        """Every breaker that ever opened."""
        return {
            Place(row["tenant_id"], row["provider"], row["model"], row["base_url"]): Breaker(
                State(row["state"]), row["until"], row["openings"], row["cause"], row["version"]
            )
            for row in await self._pool.rows("breakers")
        }

    async def change_breaker(self, place: Place, breaker: Breaker) -> bool:
        """Store a changed state; False when the stored one is not of the version before."""
        changed = await self._pool.execute(
            "change_breaker",
            **place._asdict(),
            state=breaker.state.value,
            until=breaker.until,
            openings=breaker.openings,
            cause=breaker.cause,
            version=breaker.version,
        )
        return len(changed) == 1
