"""What may be spent, in SQLite? The one writer judges and books, so nobody comes in between."""

import json
import sqlite3
from collections.abc import Sequence

import msgspec

from leitstand.domain.ledger import Account, Line, Reservation, Room, has_room, percent_taken, reserved, settled
from leitstand.stores.sqlite_queries import SQL
from leitstand.stores.sqlite_reader import Reader
from leitstand.stores.sqlite_writer import NoWriter, Writer

_ENCODE = msgspec.json.Encoder().encode


class SqliteLedger:
    """The ``Ledger`` on one SQLite file."""

    def __init__(self, writer: Writer | NoWriter, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader

    async def reserve(self, reservation: Reservation) -> Room:
        """Hold back what a call may cost, or say which account has no room."""
        return await self._writer.run(lambda connection: _reserve(connection, reservation))

    async def settle(self, reservation: Reservation, costs: Sequence[int | None]) -> None:
        """Book what the call cost, with the next write of its case: one that is lost leaves more held back."""
        self._writer.ride(lambda connection: _settle(connection, reservation, costs))

    async def settle_abandoned(self, before: int) -> int:
        """Settle what was reserved before that time as unknown."""

        def operation(connection: sqlite3.Connection) -> int:
            rows = connection.execute(SQL["abandoned_budget_reservations"], (before,)).fetchall()
            for tenant_id, case_id, attempt, at, lines in rows:
                given = tuple(Line(account=name, currency=unit, amount=held) for name, unit, held in json.loads(lines))
                left = Reservation(tenant_id=tenant_id, case_id=case_id, attempt=attempt, at=at, lines=given)
                _settle(connection, left, [None] * len(given))
            return len(rows)

        return await self._writer.run(operation)

    async def accounts(self, tenant_id: str, names: Sequence[str]) -> tuple[Account, ...]:
        """The accounts of these names, with everything that was settled here before."""
        if isinstance(self._writer, Writer):
            await self._writer.run(lambda _: None)
        values = {"tenant_id": tenant_id, "names": json.dumps(list(names))}
        return tuple(Account(**dict(row)) for row in await self._reader.rows(SQL["budget_accounts"], values))


def _reserve(connection: sqlite3.Connection, reservation: Reservation) -> Room:
    if connection.execute(SQL["budget_reservation"], _place(reservation)).fetchone():
        return Room(granted=True)
    accounts = [_account(connection, reservation.tenant_id, line) for line in reservation.lines]
    pairs = list(zip(accounts, reservation.lines, strict=True))
    for account, line in pairs:
        if not has_room(account, line):
            return Room(granted=False, account=line.account, percent=percent_taken(account, line))
    lines = _ENCODE([(line.account, line.currency, line.amount) for line in reservation.lines]).decode()
    connection.execute(SQL["insert_budget_reservation"], (*_place(reservation), reservation.at, lines))
    fullest = Room(granted=True)
    for account, line in pairs:
        after = reserved(account, line)
        _keep(connection, reservation.tenant_id, after)
        if (percent := percent_taken(after, line)) > fullest.percent:
            fullest = Room(granted=True, account=line.account, percent=percent)
    return fullest


def _settle(connection: sqlite3.Connection, reservation: Reservation, costs: Sequence[int | None]) -> None:
    if not connection.execute(SQL["delete_budget_reservation"], _place(reservation)).rowcount:
        return
    for line, cost in zip(reservation.lines, costs, strict=True):
        account = _account(connection, reservation.tenant_id, line)
        _keep(connection, reservation.tenant_id, settled(account, line, cost))


def _place(reservation: Reservation) -> tuple[str, str, int]:
    return (reservation.tenant_id, reservation.case_id, reservation.attempt)


def _account(connection: sqlite3.Connection, tenant_id: str, line: Line) -> Account:
    row = connection.execute(SQL["budget_account"], (tenant_id, line.account, line.currency)).fetchone()
    if row is None:
        return Account(name=line.account, currency=line.currency)
    name, currency, held, spent, unpriced = row
    return Account(name=name, currency=currency, reserved=held, spent=spent, unpriced=unpriced)


def _keep(connection: sqlite3.Connection, tenant_id: str, account: Account) -> None:
    row = (tenant_id, account.name, account.currency, account.reserved, account.spent, account.unpriced)
    connection.execute(SQL["keep_budget_account"], row)
