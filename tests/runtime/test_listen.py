"""Does a listener hear what was said, never two answers, and never more than it can hold?"""

import asyncio

from leitstand.domain.case import Case, Status
from leitstand.runtime.listen import MOST_UNREAD, Listener, Listeners


def a_case(status: Status) -> Case:
    return Case(tenant_id="t", case_id="c", workflow="w", release_digest="d", accepted_at=1, status=status)


async def says_more(listener: Listener) -> bool:
    waiting = asyncio.create_task(listener.pieces())
    await asyncio.sleep(0.01)
    waiting.cancel()
    return waiting.done()


async def test_pieces_that_are_there_are_heard_together_and_once():
    listener = Listener(eager=True)
    say = listener.attempt()
    say("Hel")
    say("lo")
    assert await listener.pieces() == ["Hel", "lo"]
    assert not await says_more(listener)


async def test_a_piece_wakes_who_waits():
    listener = Listener(eager=True)
    waiting = asyncio.create_task(listener.pieces())
    await asyncio.sleep(0)
    listener.attempt()("x")
    assert await waiting == ["x"]


async def test_the_end_wakes_who_waits_after_the_last_piece():
    listener = Listener(eager=True)
    listener.attempt()("x")
    listener.end(a_case(Status.DELIVERED), {"text": "x"})
    assert await listener.pieces() == ["x"]
    assert await listener.pieces() == []
    assert (await listener.rest(), listener.output) == (a_case(Status.DELIVERED), {"text": "x"})


async def test_a_second_attempt_is_heard_only_when_the_first_said_nothing():
    silent, spoken = Listener(eager=True), Listener(eager=True)
    silent.attempt()
    spoken.attempt()("first")
    for listener in (silent, spoken):
        listener.attempt()("second")
    assert (await silent.pieces(), silent.broken) == (["second"], False)
    assert (await spoken.pieces(), spoken.broken) == ([], True)


async def test_an_attempt_that_speaks_after_its_end_is_not_heard():
    listener = Listener(eager=True)
    late = listener.attempt()
    listener.attempt()("second")
    late("first")
    assert await listener.pieces() == ["second"]


async def test_a_slow_listener_holds_a_bounded_beginning():
    listener = Listener(eager=True)
    say = listener.attempt()
    for _ in range(5):
        say("x" * (MOST_UNREAD // 2))
    heard = await listener.pieces()
    assert MOST_UNREAD < sum(map(len, heard)) < 2 * MOST_UNREAD
    say("more")
    assert not await says_more(listener)


async def test_a_case_that_goes_on_elsewhere_has_not_come_to_rest():
    listeners = Listeners()
    for case in (None, a_case(Status.OPEN), a_case(Status.DELIVERING)):
        listener = Listener(eager=False)
        listeners.add("c", listener)
        listeners.let_go("c", case, {})
        assert await listener.rest() is None
    assert len(listeners) == 0


async def test_nobody_listens_to_most_cases():
    listeners = Listeners()
    listeners.let_go("c", a_case(Status.DELIVERED), {})
    listeners.drop("c")
    assert listeners.of("c") is None


async def test_the_first_end_counts():
    listener = Listener(eager=True)
    listener.end(None, None)
    listener.end(a_case(Status.DELIVERED), {"text": "x"})
    assert await listener.rest() is None
