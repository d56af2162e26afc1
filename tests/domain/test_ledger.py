"""Do accounts add up, whatever happens in whichever order, and is a limit overspent by one call at most?"""

from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.ledger import Account, Line, has_room, percent_taken, reserved, settled

EMPTY = Account(name="a", currency="EUR")
amounts = st.integers(0, 1_000)
steps = st.lists(st.tuples(amounts, st.one_of(st.none(), st.floats(0, 1)), st.integers(0, 5)), max_size=60)


def line(amount: int | None, limit: int | None = 1_000) -> Line:
    return Line(account="a", currency="EUR", amount=amount, limit=limit)


@given(steps, st.integers(1, 3_000))
def test_a_limit_is_overspent_by_one_call_at_most(plan, limit):
    """Each step asks for a call, then some of those under way end: at what was held back, less, or unknown."""
    account, under_way, dearest, total = EMPTY, [], 0, 0
    for amount, share, ending in plan:
        wanted = line(amount, limit)
        if has_room(account, wanted):
            account = reserved(account, wanted)
            under_way.append((wanted, share))
            dearest = max(dearest, amount)
        for _ in range(min(ending, len(under_way))):
            ended, part = under_way.pop(0)
            cost = None if part is None else int((ended.amount or 0) * part)
            account = settled(account, ended, cost)
            total += (ended.amount or 0) if cost is None else cost
        assert account.reserved == sum(held.amount or 0 for held, _ in under_way)
        assert account.spent == total
        assert account.taken < limit + max(dearest, 1)
        assert min(account.reserved, account.spent, account.unpriced) >= 0


@given(st.integers(0, 100), st.integers(0, 100), amounts, st.integers(1, 100))
def test_room_is_what_fits_or_a_lone_call_of_an_account_that_is_not_used_up(held, spent, amount, limit):
    account = Account(name="a", currency="EUR", reserved=held, spent=spent)
    fits = held + spent + amount <= limit
    assert has_room(account, line(amount, limit)) is (fits or (held == 0 and spent < limit))
    assert has_room(account, line(None, limit))
    assert has_room(account, line(amount, None))


def test_a_call_of_unknown_price_is_counted_until_it_turns_out_to_cost_nothing():
    account = reserved(EMPTY, line(None))
    assert (account.unpriced, account.taken) == (1, 0)
    assert settled(account, line(None), None).unpriced == 1
    assert settled(account, line(None), 0) == EMPTY


def test_percent_is_whole_and_of_a_limit():
    assert percent_taken(Account(name="a", currency="EUR", reserved=1, spent=798), line(0)) == 79
    assert percent_taken(Account(name="a", currency="EUR", spent=5), line(0, None)) == 0
    assert percent_taken(Account(name="a", currency="EUR", spent=5), line(0, 0)) == 500
