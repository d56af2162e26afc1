"""Is somebody told when there is something to do, and does it go on when nobody can be told?"""

import asyncio
from dataclasses import replace

from leitstand.stores.postgres_news import Listener
from leitstand.testing.store_cases import NORMALISED, TENANT, Opening, appended, claimed, opened, opening, release
from leitstand.testing.store_contract import now


async def told(event):
    async with asyncio.timeout(10):
        await event.wait()
    event.clear()


async def listening(stores):
    """Whoever begins to listen is told of everything first."""
    await told(stores.news.cases)
    await told(stores.news.releases)
    return stores


async def left(stores):
    """A case that nobody keeps."""
    change = replace(opening(Opening(at=now())), kept=False)
    await stores.cases.open(change, None)
    return change.case


async def test_others_are_told_of_what_nobody_runs(another):
    stores, other = await another(), await listening(await another())
    case = await left(stores)
    await told(other.news.cases)
    assert [taken.case_id for taken in await claimed(other.cases, limit=9)] == [case.case_id]
    kept = await opened(stores.cases, Opening(at=now()))
    await appended(stores.cases, kept, now(), NORMALISED)
    assert not other.news.cases.is_set()
    await stores.close()
    await told(other.news.cases)
    assert [taken.case_id for taken in await claimed(other.cases, limit=9)] == [kept.case_id]


async def test_others_are_told_of_a_pointer_that_moved(another):
    stores, other = await another(), await listening(await another())
    given = release("letters", {"a": b"1"})
    await stores.releases.add(given, tenant_id=TENANT, actor_id="p", at=1)
    await stores.releases.activate(given.digest, tenant_id=TENANT, actor_id="p", at=2)
    await told(other.news.releases)
    assert await other.releases.pointers() == {(TENANT, "letters"): given.digest}


async def test_a_listener_that_was_thrown_out_comes_back_and_looks(another, pg):
    stores, other = await another(), await listening(await another())
    pg("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'leitstand news'")
    await listening(other)
    await left(stores)
    await told(other.news.cases)


async def test_nothing_depends_on_the_news(another, monkeypatch):
    """Nobody can listen: the others find what is due when they look."""
    monkeypatch.setattr(Listener, "_listen", lambda _: asyncio.sleep(3600))
    stores, other = await another(), await another()
    case = await left(stores)
    assert [taken.case_id for taken in await claimed(other.cases, limit=9)] == [case.case_id]
    assert not other.news.cases.is_set()
