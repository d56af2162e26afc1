"""Does a case belong to one process at a time, also when one dies, freezes, or comes late?"""

import asyncio
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from leitstand.domain.errors import LeaseLost
from leitstand.ports import Vacancy
from leitstand.stores.change_rows import DROPPED_AFTER
from leitstand.stores.postgres_connections import Server
from leitstand.testing.expectations import raised
from leitstand.testing.store_cases import (
    DELIVERED,
    INTENDED,
    NORMALISED,
    TENANT,
    Opening,
    appended,
    claimed,
    opened,
    opening,
    then,
)
from leitstand.testing.store_contract import now, stored

LATE = "UPDATE workers SET heard_at = heard_at - interval '1 hour'"


async def eventually(look, seconds=20):
    """What ``look`` gives as soon as that is something."""
    until = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < until, "it did not come"
        await asyncio.sleep(0.05)
    return found


async def test_a_killed_process_is_replaced_when_its_lease_is_over(another):
    dying, heir = await another(lease_seconds=2), await another(lease_seconds=2)
    cases = [await opened(dying.cases, Opening(at=now() + place)) for place in range(3)]
    assert await claimed(heir.cases, limit=9) == ()
    await dying.cases._heartbeat.stop(silent=True)
    taken = await eventually(lambda: claimed(heir.cases, limit=9))
    assert taken == tuple(case._replace(epoch=3) for case in cases), "one epoch to free it, one to take it over"
    await raised(LeaseLost, dying.cases.append(then(cases[0], now(), NORMALISED), due_to=1))
    assert not await dying.cases.holds(cases[0])
    assert await heir.cases.holds(taken[0])


async def test_the_living_keep_what_they_hold_while_others_look(another, pg):
    stores = [await another(lease_seconds=4) for _ in range(3)]
    mine = [await opened(one.cases, Opening(at=now())) for one in stores]
    for _ in range(45):
        assert [await claimed(one.cases, limit=9) for one in stores] == [()] * 3
        await asyncio.sleep(0.1)
    assert [await one.cases.holds(case) for one, case in zip(stores, mine, strict=True)] == [True] * 3
    assert pg("SELECT sum(crashes) FROM cases") == "0"


async def test_who_was_given_up_begins_anew_under_another_name(another, pg):
    late, heir = await another(lease_seconds=3), await another()
    case = await opened(late.cases, Opening(at=now()))
    before = late.cases._heartbeat.worker_id

    async def overtaken():
        pg(f"{LATE} WHERE worker_id = '{before}'")  # until its heart did not beat just then
        return await claimed(heir.cases, limit=9)

    (taken,) = await eventually(overtaken)

    async def renamed():
        return late.cases._heartbeat.worker_id != before

    await eventually(renamed)
    assert not await late.cases.holds(case)
    await raised(LeaseLost, late.cases.append(then(case, now(), NORMALISED), due_to=1))
    fresh = await opened(late.cases, Opening(at=now()))
    assert await late.cases.holds(fresh)
    assert await claimed(heir.cases, limit=9) == ()
    assert await stored(heir.cases, await appended(heir.cases, taken, now(), NORMALISED))
    assert pg("SELECT count(*) FROM workers") == "2"


async def test_a_process_that_cannot_renew_fences_itself_before_others_act(another, pg):
    stores = await another(lease_seconds=2)
    case = await opened(stores.cases, Opening(at=now()))
    heartbeat = stores.cases._heartbeat
    sound = heartbeat._server
    heartbeat._server = replace_address(sound, "postgresql://postgres@127.0.0.1:1/nowhere")
    postgres_end(pg)

    async def late():
        return heartbeat.is_late

    await eventually(late)
    assert not await stores.cases.holds(case)
    await raised(LeaseLost, stores.cases.append(then(case, now(), NORMALISED), due_to=1))
    assert await claimed(stores.cases, limit=1) == ()
    heartbeat._server = sound

    async def back():
        return not heartbeat.is_late

    await eventually(back)
    (again,) = await eventually(lambda: claimed(stores.cases, limit=1))
    assert again.case_id == case.case_id
    await appended(stores.cases, again, now(), NORMALISED)


def postgres_end(pg):
    """End the heartbeat's connection from outside."""
    pg("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'leitstand heartbeat'")


def replace_address(server, url):
    other = Server(url)
    other.name = server.name
    return other


async def test_a_frozen_process_writes_nothing_after_it_thaws(another, database, tmp_path):
    """It stands still for longer than its lease in the middle of its work, and goes on where it stood."""
    script = Path(__file__).with_name("postgres_process.py")
    heir = await another(lease_seconds=2)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, script, database.url, database.keys), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    case_id = (await process.stdout.readline()).decode().strip()
    process.send_signal(signal.SIGSTOP)
    (taken,) = await eventually(lambda: claimed(heir.cases, limit=9))
    assert taken.case_id == case_id
    process.send_signal(signal.SIGCONT)
    said, _ = await process.communicate(b"go on\n")
    assert said.split() == [b"holds", b"False", b"append", b"LeaseLost"]
    done = await appended(heir.cases, taken, now(), INTENDED)
    assert await stored(heir.cases, done) == done


@pytest.mark.parametrize("ends", [True, False])
async def test_a_case_dropped_by_its_own_process_is_claimed_after_a_while(another, ends):
    time = now()
    stores = await another(clock=lambda: time)
    dropped, running = [await opened(stores.cases, Opening(at=time + place)) for place in range(2)]
    if ends:
        await appended(stores.cases, dropped, time, DELIVERED)
    time += DROPPED_AFTER
    assert await claimed(stores.cases, limit=9, skip=[running.case_id]) == ()
    time += 1
    expected = () if ends else (dropped._replace(epoch=2),)
    assert await claimed(stores.cases, limit=9, skip=[running.case_id]) == expected


async def test_of_many_processes_each_case_goes_to_one(another):
    stores = [await another() for _ in range(3)]
    for place in range(60):
        await stores[0].cases.open(replace(opening(Opening(at=now() + place)), kept=False), None)

    async def take(one):
        taken = []
        while got := await one.cases.claim(Vacancy(limit=7)):
            taken += [case.case_id for case, _ in got]
        return taken

    taken = [case_id for ids in await asyncio.gather(*(take(one) for one in stores)) for case_id in ids]
    assert len(taken) == len(set(taken)) == 60


async def test_ownership_follows_what_a_case_does(another, pg):
    stores = await another()
    owner = stores.cases._heartbeat.worker_id
    case = await opened(stores.cases, Opening(at=now()))
    assert pg("SELECT owner FROM cases") == owner
    await appended(stores.cases, case, now(), NORMALISED)
    await stores.close()
    assert pg("SELECT owner IS NULL, crashes FROM cases") == "t|0"
    assert pg("SELECT count(*) FROM workers") == "0"
    (taken,) = await claimed((await another()).cases, limit=1)
    assert (taken.tenant_id, taken.case_id) == (TENANT, case.case_id)
