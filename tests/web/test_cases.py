"""Reading cases over HTTP: one, many by filter, and the trail as the journal keeps it."""

import json

import pytest
from tests.web.conftest import Served

from leitstand.assembly import TENANT
from leitstand.encoding import decode_event, encode_event
from leitstand.runtime.backfill import ALONE, Batch, backfill


async def get(served: Served, path: str, status: int = 200) -> dict:
    async with served.client.get(path) as reply:
        assert reply.status == status, await reply.text()
        return await reply.json(content_type=None)


async def test_a_case_is_found_by_id_and_by_number(served: Served):
    case = await served.open()
    assert await get(served, f"/v1/cases/{case['id']}") == case
    assert await get(served, f"/v1/cases/{case['number']}") == case


@pytest.mark.parametrize(
    "named",
    ["987654", "0", "9" * 40, "01890000-0000-7000-8000-000000000000", "nonsense", "%27", "1%00", "-1"],
)
async def test_an_unknown_case_is_not_found(served: Served, named: str):
    await served.open()
    problem = await get(served, f"/v1/cases/{named}", 404)
    assert problem["code"] == "case_unknown"


async def test_the_draft_of_a_waiting_case_is_not_given_out(served: Served):
    case = await served.open("secret?", workflow="echo-reviewed")
    assert case["status"] == "review"
    assert case["output"] is None
    assert len(case["draft"]) == 64
    assert case["due_at"] > case["answered_at"]
    async with served.client.get(f"/v1/cases/{case['id']}") as reply:
        assert "You asked" not in await reply.text()


async def test_the_list_is_newest_first_and_filters(empty: Served):
    opened = [await empty.open(str(place)) for place in range(3)]
    waiting = await empty.open("wait", workflow="echo-reviewed")
    ids = [case["id"] for case in opened] + [waiting["id"]]

    async def listed(query: str) -> list[str]:
        return [case["id"] for case in (await get(empty, f"/v1/cases?{query}"))["cases"]]

    assert await listed("") == ids[::-1]
    assert await listed("workflow=echo") == ids[2::-1]
    assert await listed("status=review") == [waiting["id"]]
    assert await listed("status=review&status=delivered") == ids[::-1]
    assert await listed("status=failed") == []
    assert await listed(f"since={opened[2]['accepted_at']}") == [ids[3], ids[2]]
    assert await listed("since=1950-01-01T00:00:00Z") == ids[::-1]
    assert await listed("workflow=nothing") == []
    rows = Batch(tenant_id=TENANT, workflow="echo", job="march.csv", rows=[("k", {"question": "row"})])
    await backfill(empty.parts, empty.worker, rows, ALONE)
    (row,) = await listed("job=march.csv")
    assert row not in ids
    assert await listed("job=april.csv") == []


async def test_pages_follow_each_other_until_there_is_no_next(empty: Served):
    ids = [(await empty.open(str(place)))["id"] for place in range(4)]
    first = await get(empty, "/v1/cases?limit=2")
    assert [case["id"] for case in first["cases"]] == [ids[3], ids[2]]
    second = await get(empty, f"/v1/cases?limit=2&before={first['next']}")
    assert [case["id"] for case in second["cases"]] == [ids[1], ids[0]]
    assert second["next"] is None
    assert "output" not in second["cases"][0]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("stauts=review", "stauts is unknown"),
        ("status=waiting", "status is 'waiting'"),
        ("limit=0", "limit is '0'"),
        ("limit=201", "limit is '201'"),
        ("since=yesterday", "since is 'yesterday'"),
        ("since=2026-11-21", "since is"),
        ("since=2026-11-21T08:00:00", "since is"),
        ("since=2026-13-21T08:00:00Z", "since is"),
        ("before=1", "before is '1'"),
        ("workflow=a&workflow=b", "comes 2 times"),
    ],
)
async def test_a_bad_filter_is_named(served: Served, query: str, named: str):
    problem = await get(served, f"/v1/cases?{query}", 400)
    assert named in problem["detail"]


async def test_the_nearest_filter_is_offered(served: Served):
    assert (await get(served, "/v1/cases?stauts=review", 400))["repair"] == "Send status, if that was meant."


async def test_the_trail_is_the_journal_byte_for_byte(served: Served):
    case = await served.open()
    async with served.client.get(f"/v1/cases/{case['id']}/events") as reply:
        text = await reply.text()
    journal = await served.parts.cases.events(TENANT, case["id"])
    joined = b",".join(encode_event(event) for event in journal).decode()
    assert text == f'{{"id":"{case["id"]}","events":[{joined}]}}'
    kinds = [event["type"] for event in json.loads(text)["events"]]
    assert kinds[0] == "case.accepted"
    assert kinds[-1] == "case.delivered"
    again = decode_event(json.dumps(json.loads(text)["events"][1]).encode())
    assert again == journal[1]


async def test_the_trail_holds_no_content(served: Served):
    case = await served.open("canary-5721")
    async with served.client.get(f"/v1/cases/{case['id']}/events") as reply:
        assert "canary-5721" not in await reply.text()
