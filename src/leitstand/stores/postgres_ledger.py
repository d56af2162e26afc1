"""What may be spent, in PostgreSQL? A function of the database judges and books a batch with its accounts locked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from leitstand.domain.ledger import Account, Line, Reservation, Room
from leitstand.stores.postgres_committer import UNKNOWN, Committer, Unknown
from leitstand.stores.postgres_connections import Connection, Pool, fetch


@dataclass(frozen=True, kw_only=True, slots=True)
class Booking:
    """A reservation that is to be made, or, with its ``costs``, to be settled."""

    reservation: Reservation
    costs: Sequence[int | None] | None = None

    @property
    def key(self) -> str:
        """The call that it is about."""
        return f"{self.reservation.case_id}-{self.reservation.attempt}"

    def plain(self) -> dict[str, object]:
        """What the database's function reads."""
        reservation, costs = self.reservation, self.costs or [None] * len(self.reservation.lines)
        return {
            "settles": self.costs is not None,
            "tenant_id": reservation.tenant_id,
            "case_id": reservation.case_id,
            "attempt": reservation.attempt,
            "at": reservation.at,
            "lines": [
                {
                    "account": line.account,
                    "currency": line.currency,
                    "amount": line.amount,
                    "most": line.limit,
                    "cost": cost,
                }
                for line, cost in zip(reservation.lines, costs, strict=True)
            ],
        }


class Bookings:
    """Writes bookings; the outcome is the room that there was."""

    async def write(self, connection: Connection, batch: Sequence[Booking]) -> list[Room]:
        """See ``Writes.write``."""
        given = msgspec.json.encode([booking.plain() for booking in batch]).decode()
        return [
            Room(granted=row["granted"], account=row["account"], percent=row["percent"])
            for row in await fetch(connection, "budget_write", batch=given)
        ]

    async def find(self, connection: Connection, batch: Sequence[Booking]) -> list[Unknown]:  # noqa: ARG002
        """See ``Writes.find``; a booking may be written twice and counts once, so nobody needs to know."""
        return [UNKNOWN] * len(batch)


class PostgresLedger:
    """The ``Ledger`` on a PostgreSQL database."""

    def __init__(self, pool: Pool) -> None:
        self.bookings = Committer(pool.server, Bookings())
        self._pool = pool

    async def reserve(self, reservation: Reservation) -> Room:
        """Hold back what a call may cost, or say which account has no room."""
        return await self._book(Booking(reservation=reservation))

    async def settle(self, reservation: Reservation, costs: Sequence[int | None]) -> None:
        """Book what the call cost."""
        await self._book(Booking(reservation=reservation, costs=costs))

    async def settle_abandoned(self, before: int) -> int:
        """Settle what was reserved before that time as unknown."""
        rows = await self._pool.rows("abandoned_budget_reservations", {"before": before})
        for row in rows:
            lines = tuple(
                Line(account=line["account"], currency=line["currency"], amount=line["amount"])
                for line in json.loads(row["lines"])
            )
            left = Reservation(**{**dict(row), "lines": lines})
            await self.settle(left, [None] * len(lines))
        return len(rows)

    async def accounts(self, tenant_id: str, names: Sequence[str]) -> tuple[Account, ...]:
        """The accounts of these names."""
        rows = await self._pool.rows("budget_accounts", {"tenant_id": tenant_id, "names": list(names)})
        return tuple(Account(**dict(row)) for row in rows)

    async def close(self) -> None:
        """Finish what is queued and hang up."""
        await self.bookings.close()

    async def _book(self, booking: Booking) -> Room:
        self._pool.server.check_writable()
        return await self.bookings.run(booking)
