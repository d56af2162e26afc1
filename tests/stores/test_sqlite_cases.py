"""What must hold for the SQLite store beyond the contract: what lies on the disk, who owns what, which index serves?"""

import asyncio
import json
import sqlite3
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.stores.keys_at_hand import keys_at_hand

from leitstand.domain.guardrail import Outcome
from leitstand.domain.review import Verb
from leitstand.encoding import encode_event
from leitstand.ports import CaseFilter, Effect
from leitstand.stores.change_rows import DROPPED_AFTER
from leitstand.stores.finding import finding
from leitstand.stores.sqlite import open_store
from leitstand.stores.sqlite_queries import SQL
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
from leitstand.testing.store_lists_contract import Course, counted, taken

CANARY = b"Canary-7f3a-Geheimnis"


async def test_no_content_lies_on_the_disk_in_clear(stores, path):
    for place in range(50):
        case = await opened(stores.cases, Opening(at=now()), {"input": CANARY * (place + 1)})
        await appended(stores.cases, case, now(), NORMALISED, contents={"normalised": CANARY})
    read = await stores.cases.contents(TENANT, case.case_id)
    assert read["normalised"] == CANARY
    while_open = {file.name: CANARY in file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
    assert while_open.keys() >= {"leitstand.db", "leitstand.db-wal"}
    await stores.close()
    closed = {file.name: CANARY in file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
    assert not any({**while_open, **closed}.values())


async def test_the_exact_bytes_of_each_event_are_in_its_row(stores, sql):
    case = await opened(stores.cases, Opening(at=now()))
    change = then(case, now(), NORMALISED, INTENDED)
    await stores.cases.append(change, due_to=1)
    rows = sql("SELECT seq, payload, prev, leaf, sealed_at FROM events ORDER BY id")
    journal = await stores.cases.events(TENANT, case.case_id)
    assert rows == [(event.seq, encode_event(event), None, None, None) for event in journal]
    assert json.loads(rows[1][1])["type"] == "case.normalised"


async def test_erased_contents_are_missing_and_a_destroyed_key_erases_them_all(stores, sql):
    kept = await opened(stores.cases, Opening(at=now()), {"input": CANARY})
    given_contents = {"input": CANARY, "normalised": CANARY}
    erased = await opened(stores.cases, Opening(at=now()), given_contents)
    sql("DELETE FROM contents WHERE case_id = ? AND name = 'input'", (erased.case_id,))
    assert await stores.cases.contents(TENANT, erased.case_id) == {"normalised": CANARY}
    sql("DELETE FROM case_keys WHERE case_id = ?", (erased.case_id,))
    assert await stores.cases.contents(TENANT, erased.case_id) == {}
    assert await stored(stores.cases, erased) == erased
    assert await stores.cases.contents(TENANT, kept.case_id) == {"input": CANARY}


async def test_content_moved_to_another_case_does_not_open(stores, sql, caplog):
    one, two = [await opened(stores.cases, Opening(at=now()), {name: CANARY}) for name in ("input", "other")]
    sql("UPDATE contents SET case_id = ? WHERE case_id = ?", (two.case_id, one.case_id))
    assert await stores.cases.contents(TENANT, two.case_id) == {"other": CANARY}
    assert "does not open with its key" in caplog.text


async def test_a_case_ended_in_memory_is_written_on_after_its_key_was_let_go(stores):
    waiting = await opened(stores.cases, Opening(at=now()))
    waiting = await appended(stores.cases, waiting, now(), decided(Outcome.REVIEW, now()), contents={"draft": b"d"})
    assert stores.cases._keys.at_hand(TENANT, waiting.case_id) is None
    await appended(stores.cases, waiting, now(), delayed(now()), contents={"note": b"n"})
    assert set(await stores.cases.contents(TENANT, waiting.case_id)) == {"input", "draft", "note"}


async def test_keys_are_at_hand_of_cases_that_go_on_here_only(stores):
    assert await keys_at_hand(stores.cases) == [True, False, False]


async def test_the_outbox_knows_what_is_done(stores, sql):
    case = await opened(stores.cases, Opening(at=now()))
    first = with_effects(then(case, now(), NORMALISED), Effect(number=1, key="c-1", not_before=7))
    await stores.cases.append(first, due_to=1)
    assert sql("SELECT number, key, not_before, done_at FROM effects") == [(1, "c-1", 7, None)]
    done = with_effects(then(first.case, now(), INTENDED), Effect(number=1, key="c-1", not_before=7, done_at=9))
    await stores.cases.append(done, due_to=2)
    assert sql("SELECT number, key, not_before, done_at FROM effects") == [(1, "c-1", 7, 9)]
    other_key = with_effects(then(done.case, now(), INTENDED), Effect(number=1, key="c-2", not_before=7))
    with pytest.raises(ValueError, match="has another key already"):
        await stores.cases.append(other_key, due_to=3)
    assert sql("SELECT key FROM effects") == [("c-1",)]


@pytest.mark.parametrize("change", ["interruptions = 9", "status = 'delivering'", "attempts = '[]', seq = seq"])
async def test_a_claimed_case_is_what_its_journal_says_not_what_its_row_says(stores, sql, path, change):
    case = await appended(stores.cases, await opened(stores.cases, Opening(at=now())), now(), NORMALISED, INTENDED)
    await stores.close()
    sql(f"UPDATE cases SET {change}")
    stores = open_store(path, address="", clock=now)
    assert await claimed(stores.cases, limit=1, skip=()) == (case._replace(epoch=2),)
    await stores.close()


async def test_a_journal_that_cannot_be_read_does_not_stop_the_others(stores, sql, path, caplog):
    broken, sound = [await opened(stores.cases, Opening(at=now() + place)) for place in range(2)]
    await stores.close()
    sql("UPDATE events SET payload = x'7b7d' WHERE case_id = ?", (broken.case_id,))
    stores = open_store(path, address="", clock=now)
    assert await claimed(stores.cases, limit=10, skip=()) == (sound._replace(epoch=2),)
    assert broken.case_id in caplog.text
    await stores.close()


async def test_a_case_dropped_by_its_own_process_is_claimed_after_a_while(path):
    time = now()
    stores = open_store(path, address="", clock=lambda: time)
    dropped, running = [await opened(stores.cases, Opening(at=time + place)) for place in range(2)]
    time += DROPPED_AFTER
    assert await claimed(stores.cases, limit=9, skip=[running.case_id]) == ()
    time += 1
    assert await claimed(stores.cases, limit=9, skip=[running.case_id]) == (dropped._replace(epoch=2),)
    assert await claimed(stores.cases, limit=9, skip=[running.case_id]) == ()
    await stores.close()


async def test_ownership_follows_what_a_case_does(stores, sql):
    def owned():
        return sql("SELECT owner IS NOT NULL FROM cases") == [(1,)]

    case = await opened(stores.cases, Opening(at=now()))
    assert owned()
    case = await appended(stores.cases, case, now(), delayed(now() + 60_000_000))
    assert not owned()
    case = await appended(stores.cases, case, now(), NORMALISED)
    assert owned()
    await appended(stores.cases, case, now(), decided(Outcome.ESCALATE, now()))
    assert not owned()


PLANS = {
    "case_by_id": "cases_by_id",
    "case_by_number": "cases_by_number",
    "stands": "cases_by_id",
    "advance_case": "cases_by_id",
    "release_owned": "cases_runnable",
    "release_dropped": "cases_runnable",
    "due_cases": "cases_runnable",
    "events": "events_by_case",
    "contents": "contents_by_case",
    "figures": "cases_by_workflow",
}


@pytest.mark.parametrize("name", PLANS)
async def test_an_index_serves_each_statement_that_runs_often(stores, name):
    assert PLANS[name] in plan(stores, SQL[name])


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (CaseFilter(), "cases_by_id"),
        (CaseFilter(before="x"), "cases_by_id"),
        (CaseFilter(status=("review", "escalated"), oldest_due_first=True), "cases_waiting"),
        (CaseFilter(status=("review",), oldest_due_first=True, before="x"), "cases_waiting"),
    ],
)
async def test_an_index_serves_the_lists_without_sorting(stores, wanted, index):
    steps = plan(stores, finding(TENANT, wanted)[0])
    assert index in steps
    assert "TEMP B-TREE FOR ORDER BY" not in steps


def plan(stores, statement):
    connection = stores.cases._writer._connection
    places = statement.count("?")
    values = [None] * places if places else Everything()
    rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    steps = " | ".join(row[3] for row in rows)
    scans = [row[3] for row in rows if row[3].startswith("SCAN") and "cases" in row[3]]
    assert scans == [], steps
    return steps


class Everything(dict):
    def __missing__(self, name):
        return None


async def test_a_new_number_is_found_without_counting(stores):
    steps = plan(stores, SQL["insert_case"])
    assert "cases_by_number" in steps


COURSES = st.builds(
    Course,
    response=st.none() | st.integers(min_value=10, max_value=60),
    cost=st.none() | st.integers(min_value=0, max_value=2**40),
    currency=st.sampled_from(["EUR", "EUR", "EUR", "USD", ""]),
    fallback=st.booleans(),
    outcome=st.sampled_from(Outcome),
    verb=st.none() | st.sampled_from(Verb),
    seconds_shown=st.none() | st.integers(min_value=0, max_value=9999),
    ends=st.booleans(),
    fails=st.booleans(),
)


@given(courses=st.lists(COURSES, max_size=25), in_time=st.integers(min_value=0, max_value=70), since=st.integers(0, 30))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_figures_are_what_a_recount_gives(stores, courses, in_time, since):
    workflow = f"w{next(FRESH)}"
    start = now()
    starts = [Opening(at=start + place, workflow=workflow) for place in range(len(courses))]
    cases = await asyncio.gather(*(taken(stores.cases, *pair) for pair in zip(starts, courses, strict=True)))
    expected = counted((case for case in cases if case.accepted_at >= start + since), in_time)
    assert await stores.cases.figures(TENANT, workflow, since=start + since, in_time=in_time) == expected


FRESH = iter(range(10**9))


async def test_every_release_event_is_there_in_canonical_bytes(stores, sql):
    given_release = release("letters", {"a": b"1"})
    await stores.releases.add(given_release, tenant_id=TENANT, actor_id="p-1", at=5)
    await stores.releases.activate(given_release.digest, tenant_id=TENANT, actor_id="p-2", at=6)
    payloads = [payload for (payload,) in sql("SELECT payload FROM release_events ORDER BY id")]
    events = [json.loads(payload) for payload in payloads]
    assert [(event["type"], event["at"], event["actor"]["id"]) for event in events] == [
        ("release.added", 5, "p-1"),
        ("release.activated", 6, "p-2"),
    ]
    for payload, event in zip(payloads, events, strict=True):
        assert payload == json.dumps(event, sort_keys=True, separators=(",", ":")).encode()


async def test_files_of_releases_are_stored_once_and_checked_when_loaded(stores, sql):
    for number in range(3):
        await stores.releases.add(
            release("letters", {"same": b"x" * 1000, "n": b"%d" % number}), tenant_id=TENANT, actor_id="p-1", at=5
        )
    assert sql("SELECT count(*) FROM files") == [(4,)]
    changed = release("letters", {"same": b"x" * 1000, "n": b"0"})
    sql("UPDATE files SET content = x'00' WHERE length(content) = 1000")
    with pytest.raises(Exception, match=r"file same of release .* was changed after it was stored"):
        await stores.releases.load(TENANT, changed.digest)


async def test_hostile_texts_are_only_texts(stores, path):
    hostile = "'; DROP TABLE cases; --"
    assert await stores.cases.find(hostile, CaseFilter(workflow=hostile, search=hostile, status=(hostile,))) == ()
    assert await stores.cases.summary(hostile, hostile) is None
    assert await claimed(stores.cases, limit=1, skip=[hostile, '"]']) == ()
    await stores.cases.open(opening(Opening(at=now(), workflow=hostile)), None)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT workflow FROM cases").fetchall() == [(hostile,)]
