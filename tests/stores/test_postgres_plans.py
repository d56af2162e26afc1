"""Does an index serve what PostgreSQL is asked often, however many cases have ended?"""

import asyncio

from leitstand.ports import CaseFilter
from leitstand.stores.finding import finding
from leitstand.stores.postgres_queries import SQL
from leitstand.stores.queries import dollars
from leitstand.testing.store_cases import INTENDED, NORMALISED, TENANT, Opening, appended, opened
from leitstand.testing.store_contract import now

PLANS = {
    "case_by_id": "cases_pkey",
    "case_by_number": "cases_by_number",
    "stands": "cases_pkey",
    "hand_back": "cases_owned",
    "release_dropped": "cases_owned",
    "claim": "cases_due",
    "claim_suspects": "cases_suspect",
    "queued": "cases_due",
    "free_lost": "cases_owned",
    "events": "events_default_pkey",
    "contents": "contents_default_pkey",
    "journals": "events_default_pkey",
    "figures": "cases_by_workflow",
    "waiting": "cases_waiting",
    "admitted": "idempotency_keys_pkey",
}


LISTS = [
    (CaseFilter(), "cases_pkey"),
    (CaseFilter(before="x"), "cases_pkey"),
    (CaseFilter(status=("review", "escalated"), oldest_due_first=True), "cases_waiting"),
    (CaseFilter(status=("review",), oldest_due_first=True, before="x"), "cases_waiting"),
]


async def test_an_index_serves_what_runs_often_and_the_lists_are_not_sorted(another, pg):
    await opened((await another()).cases, Opening(at=now()))
    fill(pg)
    explained = [(index, explain(pg, SQL[name].text)) for name, index in PLANS.items()]
    lists = [(index, explain(pg, dollars(finding(TENANT, wanted)[0]).text)) for wanted, index in LISTS]
    for index, plan in [*explained, *lists]:
        assert index in plan
        assert "Seq Scan on cases" not in plan
    assert [plan for _, plan in lists if "Sort" in plan] == []


def fill(pg):
    """Many ended cases, copies of the one that is there."""
    names = pg("SELECT attname FROM pg_attribute WHERE attrelid = 'cases'::regclass AND attnum > 0").split()
    others = {"case_id": "md5(n::text)", "number": "n", "status": "'delivered'", "owner": "NULL"}
    row = ", ".join(others.get(name, f"c.{name}") for name in names)
    many = "generate_series(2, 20000) AS n"
    pg(
        f"INSERT INTO cases SELECT {row} FROM cases AS c, {many}",
        f"INSERT INTO events SELECT '{TENANT}', md5(n::text), 1, '' FROM {many}",
        f"INSERT INTO contents SELECT '{TENANT}', md5(n::text), 'input', '', '' FROM {many}",
        f"INSERT INTO idempotency_keys SELECT '{TENANT}', 'letters', n::text, '', '', md5(n::text) FROM {many}",
        "ANALYZE",
    )


def explain(pg, statement):
    """The plan of a statement when its values are not looked at."""
    return pg(f"EXPLAIN (GENERIC_PLAN, COSTS OFF) {statement}")


async def test_most_updates_touch_no_index(another, pg):
    stores = await another()
    for _ in range(20):
        case = await opened(stores.cases, Opening(at=now()))
        case = await appended(stores.cases, case, now(), NORMALISED)
        await appended(stores.cases, case, now(), INTENDED)
    updates = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'cases'"
    await stores.close()  # a connection tells what it did when it ends
    for _ in range(200):
        changed, hot = map(int, pg(updates).split("|"))
        if changed >= 40:
            break
        await asyncio.sleep(0.05)
    assert hot >= 40, f"{hot} of {changed}"
