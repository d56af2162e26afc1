"""What must hold for the PostgreSQL store beyond the contract: what lies in its tables, and whose keys?"""

import asyncio
import json
from dataclasses import replace

import pytest
from tests.stores.keys_at_hand import keys_at_hand

from leitstand.domain.errors import StoreUnusable
from leitstand.domain.guardrail import Outcome
from leitstand.domain.review import Person
from leitstand.encoding import encode_event
from leitstand.ports import Admission, CaseFilter, Effect, Vacancy
from leitstand.stores.postgres import own, read
from leitstand.stores.postgres_connections import Pool
from leitstand.testing.expectations import raised
from leitstand.testing.store_cases import (
    INTENDED,
    NORMALISED,
    TENANT,
    Opening,
    appended,
    claimed,
    decided,
    delayed,
    opened,
    opening,
    release,
    then,
    with_effects,
)
from leitstand.testing.store_contract import now, stored

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
CANARY = b"Canary-7f3a-Geheimnis"


async def test_the_exact_bytes_of_each_event_are_in_its_row_and_no_content_is_in_clear(another, pg):
    stores = await another()
    case = await opened(stores.cases, Opening(at=now()), {"input": CANARY})
    await appended(stores.cases, case, now(), NORMALISED, INTENDED, contents={"normalised": CANARY})
    journal = await stores.cases.events(TENANT, case.case_id)
    rows = pg("SELECT seq || ' ' || encode(payload, 'hex') FROM events ORDER BY seq").splitlines()
    assert rows == [f"{event.seq} {encode_event(event).hex()}" for event in journal]
    for table in pg(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ).split():
        assert CANARY.hex() not in pg(f"SELECT encode(convert_to(t::text, 'UTF8'), 'escape') FROM {table} AS t")
    assert (await stores.cases.contents(TENANT, case.case_id))["normalised"] == CANARY


async def test_erased_contents_are_missing_and_a_destroyed_key_erases_them_all(another, pg):
    stores = await another()
    erased = await opened(stores.cases, Opening(at=now()), {"input": CANARY, "normalised": CANARY})
    pg("DELETE FROM contents WHERE name = 'input'")
    assert await stores.cases.contents(TENANT, erased.case_id) == {"normalised": CANARY}
    pg("DELETE FROM case_keys")
    assert await stores.cases.contents(TENANT, erased.case_id) == {}
    assert await stored(stores.cases, erased) == erased


async def test_content_moved_to_another_case_does_not_open(another, pg, caplog):
    stores = await another()
    one, two = [await opened(stores.cases, Opening(at=now()), {name: CANARY}) for name in ("input", "other")]
    pg(f"UPDATE contents SET case_id = '{two.case_id}' WHERE case_id = '{one.case_id}'")
    assert await stores.cases.contents(TENANT, two.case_id) == {"other": CANARY}
    assert "does not open with its key" in caplog.text


async def test_keys_are_at_hand_of_cases_that_go_on_here_only(another):
    assert await keys_at_hand((await another()).cases) == [True, False, False]


async def test_an_effect_keeps_its_key(another, pg):
    stores = await another()
    case = await opened(stores.cases, Opening(at=now()))
    first = with_effects(then(case, now(), NORMALISED), Effect(number=1, key="c-1", not_before=7))
    await stores.cases.append(first, due_to=1)
    done = with_effects(then(first.case, now(), INTENDED), Effect(number=1, key="c-1", not_before=7, done_at=9))
    await stores.cases.append(done, due_to=2)
    other_key = with_effects(then(done.case, now(), INTENDED), Effect(number=1, key="c-2", not_before=7))
    await raised(RuntimeError, stores.cases.append(other_key, due_to=3))
    assert pg("SELECT number, key, not_before, done_at FROM effects") == "1|c-1|7|9"
    assert await stored(stores.cases, case) == done.case


@pytest.mark.parametrize("change", ["interruptions = 9", "status = 'delivering'"])
async def test_a_claimed_case_is_what_its_journal_says_not_what_its_row_says(another, pg, change):
    stores = await another()
    case = await appended(stores.cases, await opened(stores.cases, Opening(at=now())), now(), NORMALISED, INTENDED)
    await stores.close()
    pg(f"UPDATE cases SET {change}")
    assert await claimed((await another()).cases, limit=1) == (case._replace(epoch=2),)


async def test_what_a_claim_took_without_hearing_of_it_is_claimed_again_at_once(another, monkeypatch):
    stores = await another()
    case = await opened(stores.cases, Opening(at=now()))
    await stores.close()
    cases, rows = (await another()).cases, Pool.rows

    async def cut_off(pool, name, values=None):
        if name == "journals":
            raise StoreUnusable(path="test", detail="cannot be reached", way_out="")
        return await rows(pool, name, values)

    with monkeypatch.context() as patched:
        patched.setattr(Pool, "rows", cut_off)
        with pytest.raises(StoreUnusable):
            await cases.claim(Vacancy(limit=1))
    assert await claimed(cases, limit=1) == (case._replace(epoch=3),)
    assert await claimed(cases, limit=1) == (), "who runs it was heard of"


async def test_a_journal_that_cannot_be_read_does_not_stop_the_others(another, pg, caplog):
    stores = await another()
    broken, sound = [await opened(stores.cases, Opening(at=now() + place)) for place in range(2)]
    await stores.close()
    pg(f"UPDATE events SET payload = '\\x7b7d' WHERE case_id = '{broken.case_id}'")
    assert await claimed((await another()).cases, limit=10) == (sound._replace(epoch=2),)
    assert broken.case_id in caplog.text


async def test_display_numbers_are_counted_per_tenant_over_all_processes(another):
    stores = [await another() for _ in range(3)]
    work = [
        one.cases.open(opening(Opening(at=now(), tenant_id=tenant)), None)
        for tenant in ("a", "b")
        for one in stores
        for _ in range(10)
    ]
    summaries = await asyncio.gather(*work)
    for tenant in ("a", "b"):
        numbers = sorted(summary.number for summary in summaries if summary.case.tenant_id == tenant)
        assert numbers == list(range(1, 31))


async def test_the_same_key_at_the_same_time_in_many_processes_opens_one_case(another):
    stores = [await another() for _ in range(3)]
    keys = [Admission(key=f"k{place}", request=b"body") for place in range(20)]
    work = [
        one.cases.open(opening(Opening(at=now())), key)
        for number, one in enumerate(stores)
        for key in (keys if number % 2 else reversed(keys))
    ]
    summaries = await asyncio.gather(*work)
    assert len({summary.case.case_id for summary in summaries}) == 20
    assert len(await stores[0].cases.find(TENANT, CaseFilter(limit=100))) == 20


async def test_processes_with_different_keys_do_not_work_on_one_database(another, tmp_path, database):
    await opened((await another()).cases, Opening(at=now()))
    elsewhere = replace(database, keys=tmp_path / "other keys")
    for open_it in (own, read):
        with pytest.raises(StoreUnusable, match="the key of tenant default is missing"):
            await open_it(elsewhere)
    elsewhere.keys.mkdir()
    (elsewhere.keys / "default.key").write_bytes(b"x" * 32)
    with pytest.raises(StoreUnusable, match="is not the key that sealed the cases of tenant default"):
        await own(elsewhere)


async def test_a_tenant_that_two_processes_meet_with_different_keys_belongs_to_the_first(another, tmp_path):
    first, second = await another(), await another(keys=tmp_path / "other keys")
    outcomes = await asyncio.gather(
        *(one.cases.open(opening(Opening(at=now())), None) for one in (first, second)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CaseSummary", "StoreUnusable"]


HOSTILE = ["'; DROP TABLE cases; --", "nul \0 inside", "$1", ":case_id", "{conditions}", "\\", "%_", "\U0010ffff", "ẞ́"]


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_texts_are_only_texts(another, hostile):
    stores = await another()
    found = await stores.cases.find(hostile, CaseFilter(workflow=hostile, search=hostile, status=(hostile,)))
    assert found == ()
    assert await stores.cases.summary(hostile, hostile) is None
    assert await stores.cases.contents(TENANT, "x", [hostile]) == {}
    if "\0" not in hostile:
        assert await claimed(stores.cases, limit=1, skip=[hostile, '"]']) == ()
        assert await stores.cases.claim(Vacancy(limit=1, full=[(hostile, hostile)])) == ()
    for work in (
        stores.cases.open(opening(Opening(at=now(), workflow=hostile, job=hostile)), None),
        stores.cases.open(opening(Opening(at=now())), Admission(key=hostile, request=b"")),
        stores.people.add_person(TENANT, Person(id="p", name=hostile)),
    ):
        if "\0" in hostile:
            await raised(RuntimeError, work)
        else:
            await work
    sound = await opened(stores.cases, Opening(at=now()))
    assert await stored(stores.cases, sound) == sound


async def test_every_table_knows_its_tenant(another, pg):
    await another()
    tables = set(
        pg("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace").split()
    )
    knowing = set(
        pg(
            "SELECT c.relname FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid WHERE attname = 'tenant_id'"
        ).split()
    )
    assert tables - knowing == {"leitstand_schema", "workers"}


async def test_every_release_event_is_there_in_canonical_bytes(another, pg):
    stores = await another()
    given = release("letters", {"a": b"1"})
    await stores.releases.add(given, tenant_id=TENANT, actor_id="p-1", at=5)
    await stores.releases.activate(given.digest, tenant_id=TENANT, actor_id="p-2", at=6)
    payloads = pg("SELECT convert_from(payload, 'UTF8') FROM release_events ORDER BY id").splitlines()
    events = [json.loads(payload) for payload in payloads]
    assert [(event["type"], event["actor"]["id"]) for event in events] == [
        ("release.added", "p-1"),
        ("release.activated", "p-2"),
    ]
    for payload, event in zip(payloads, events, strict=True):
        assert payload == json.dumps(event, sort_keys=True, separators=(",", ":"))


async def test_a_reader_writes_nothing_and_says_so(another, database):
    case = await opened((await another()).cases, Opening(at=now()))
    reader = await read(database)
    assert await stored(reader.cases, case) == case
    for work in (
        reader.cases.open(opening(Opening(at=now())), None),
        reader.cases.append(then(case, now(), NORMALISED), due_to=1),
        reader.people.add_person(TENANT, Person(id="p", name="n")),
        claimed(reader.cases, limit=1),
    ):
        assert "open for reading only" in str(await raised(StoreUnusable, work))
    await reader.close()
    assert "it is closed" in str(await raised(StoreUnusable, reader.cases.events(TENANT, case.case_id)))


async def test_writes_of_one_turn_share_one_statement(another):
    stores = await another()
    before = [await opened(stores.cases, Opening(at=now())) for _ in range(64)]
    commits = stores.figures()["commits"]
    await asyncio.gather(*(stores.cases.append(then(case, now(), NORMALISED), due_to=1) for case in before))
    figures = stores.figures()
    assert figures["commits"] == commits + 1
    assert figures["writes"] == 128
    assert figures["writes_waiting"] == 0
    assert figures["heartbeat_age"] < 10


async def test_a_caller_who_leaves_does_not_stop_the_others(another):
    stores = await another()
    change = opening(Opening(at=now()))
    leaver = asyncio.create_task(stores.cases.open(change, None))
    while not stores.figures()["writes_waiting"]:
        await asyncio.sleep(0)
    leaver.cancel()
    await opened(stores.cases, Opening(at=now()))
    assert await stored(stores.cases, change.case) == change.case


async def test_ended_and_delayed_cases_belong_to_nobody(another, pg):
    stores = await another()
    case = await opened(stores.cases, Opening(at=now()))
    case = await appended(stores.cases, case, now(), delayed(now() + 60_000_000))
    assert pg("SELECT owner IS NULL FROM cases") == "t"
    case = await appended(stores.cases, case, now(), NORMALISED)
    assert pg("SELECT owner IS NULL FROM cases") == "f"
    await appended(stores.cases, case, now(), decided(Outcome.ESCALATE, now()))
    assert pg("SELECT owner IS NULL FROM cases") == "t"
