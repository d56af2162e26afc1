"""Is there room for one more call, and what do accounts say after it is made, known or given up?

An account adds up what one thing may spend: a case, a workflow in a month, a caller on a day. What is reserved and what
is spent stay apart; a limit holds for their sum.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What was reserved and spent under a name, in nano-units; ``unpriced`` counts calls whose cost nobody knows."""

    name: str
    currency: str
    reserved: int = 0
    spent: int = 0
    unpriced: int = 0

    @property
    def taken(self) -> int:
        """What is no longer to be had."""
        return self.reserved + self.spent


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What a call takes of an account at most; an ``amount`` of None is unknown, a ``limit`` of None is none."""

    account: str
    currency: str
    amount: int | None
    limit: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reservation:
    """One call of a case and the accounts that it takes from; there is one for each number of a call."""

    tenant_id: str
    case_id: str
    attempt: int
    at: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """Whether a reservation was made, and which account decided.

    ``account`` is the one that has no room, or the fullest one; ``percent`` is what of its limit is taken now.
    """

    granted: bool
    account: str = ""
    percent: int = 0


def has_room(account: Account, line: Line) -> bool:
    """Whether the line fits, or is the only call under way of an account that is not used up.

    What is reserved is an upper bound and often far above the cost, so a lone call may reach beyond the limit, and
    nothing after it does: the limit is overspent by one call at most.
    """
    if line.limit is None or line.amount is None:
        return True
    return account.taken + line.amount <= line.limit or (account.reserved == 0 and account.spent < line.limit)


def reserved(account: Account, line: Line) -> Account:
    """The account with the line held back."""
    return Account(
        name=account.name,
        currency=account.currency,
        reserved=account.reserved + (line.amount or 0),
        spent=account.spent,
        unpriced=account.unpriced + (line.amount is None),
    )


def settled(account: Account, line: Line, cost: int | None) -> Account:
    """The account once the cost is known; while it is not, what was held back counts as spent.

    A call of unknown price whose cost turned out to be known is none of unknown price.
    """
    held = line.amount or 0
    known = line.amount is None and cost is not None
    return Account(
        name=account.name,
        currency=account.currency,
        reserved=account.reserved - held,
        spent=account.spent + (held if cost is None else cost),
        unpriced=account.unpriced - known,
    )


def percent_taken(account: Account, line: Line) -> int:
    """What of a limit is taken, in whole percent; without a limit nothing is."""
    return 0 if line.limit is None else account.taken * 100 // max(line.limit, 1)
