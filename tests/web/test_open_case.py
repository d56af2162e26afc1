"""Opening a case over HTTP: a durable case, once per idempotency key, with an address to follow."""

import asyncio
import json
from datetime import datetime

import pytest
from tests.web.conftest import Served, serving

from leitstand.assembly import TENANT
from leitstand.domain.event import CaseAccepted

BODY = {"input": {"question": "Where is the trash?"}}


async def test_a_case_is_accepted_before_it_is_finished_and_can_be_followed(served: Served):
    slow = {"input": {"question": "Where? #slow"}}
    async with served.client.post("/v1/workflows/echo/cases", json=slow) as reply:
        assert reply.status == 201
        case = await reply.json()
    assert case["status"] == "open"
    assert case["output"] is None
    assert await served.count() == 1
    async with served.client.get(reply.headers["Location"], params={"wait": "10"}) as later:
        assert later.status == 200
        assert (await later.json())["output"] == {"answer": "You asked: Where? #slow"}


async def test_waiting_gives_the_delivered_output_with_its_exact_cost(served: Served):
    case = await served.open("Where is the trash?")
    assert case["status"] == "delivered"
    assert case["outcome"] == "deliver"
    assert case["output"] == {"answer": "You asked: Where is the trash?"}
    assert case["cost"] == {"amount": "0.00004", "currency": "EUR"}
    assert case["cost_known"] is True
    assert case["workflow"] == "echo"
    assert len(case["release"]) == 64
    accepted, answered = (datetime.fromisoformat(case[name]) for name in ("accepted_at", "answered_at"))
    assert accepted < answered
    assert accepted.utcoffset().total_seconds() == 0
    assert case["accepted_at"].endswith("Z")


async def test_waiting_ends_when_its_time_is_over(served: Served):
    began = asyncio.get_running_loop().time()
    async with served.client.post("/v1/workflows/echo/cases?wait=0", json={"input": {"question": "#slow"}}) as reply:
        assert (await reply.json())["status"] == "open"
    assert asyncio.get_running_loop().time() - began < 1.9


async def test_the_request_id_stands_in_the_first_event(served: Served):
    case = await served.open()
    (first, *_) = await served.parts.cases.events(TENANT, case["id"])
    assert isinstance(first.body, CaseAccepted)
    assert first.body.channel == "api"
    assert len(first.body.request_id) == 16
    assert first.actor.kind == "client"


async def test_a_repeated_key_opens_one_case_and_says_so(served: Served):
    first = await served.open(Idempotency_Key="order-1")
    async with served.client.post(
        "/v1/workflows/echo/cases", json={"input": {"question": "Where?"}}, headers={"Idempotency-Key": "order-1"}
    ) as reply:
        assert reply.status == 200
        assert reply.headers["Idempotency-Replayed"] == "true"
        assert reply.headers["Location"] == f"/v1/cases/{first['id']}"
        assert (await reply.json())["id"] == first["id"]
    assert await served.count() == 1


async def test_many_at_once_with_one_key_open_one_case(served: Served):
    async def send() -> tuple[int, str]:
        async with served.client.post(
            "/v1/workflows/echo/cases", json=BODY, headers={"Idempotency-Key": "order-2"}
        ) as reply:
            return reply.status, (await reply.json())["id"]

    answers = await asyncio.gather(*(send() for _ in range(20)))
    assert len({case_id for _, case_id in answers}) == 1
    assert sorted(status for status, _ in answers) == [200] * 19 + [201]
    assert await served.count() == 1


async def test_a_key_with_another_body_is_a_conflict_and_opens_nothing(served: Served):
    await served.open("One", Idempotency_Key="order-3")
    async with served.client.post(
        "/v1/workflows/echo/cases", json={"input": {"question": "Two"}}, headers={"Idempotency-Key": "order-3"}
    ) as reply:
        assert reply.status == 409
        assert (await reply.json())["code"] == "idempotency_conflict"
    assert await served.count() == 1


async def test_a_key_with_the_same_body_written_otherwise_is_the_same_request(served: Served):
    spaced = json.dumps({"input": {"urgency": "low", "question": "Where?"}}, indent=4)
    tight = '{"input":{"question":"Where\\u003f","urgency":"low"}}'
    ids = set()
    for text in (spaced, tight):
        async with served.client.post(
            "/v1/workflows/echo/cases",
            data=text,
            headers={"Idempotency-Key": "order-4", "Content-Type": "application/json"},
        ) as reply:
            ids.add((await reply.json())["id"])
    assert len(ids) == 1


@pytest.mark.parametrize("key", ["", "with space", "ä", "x" * 201])
async def test_a_key_that_is_none_is_refused(served: Served, key: str):
    async with served.client.post("/v1/workflows/echo/cases", json=BODY, headers={"Idempotency-Key": key}) as reply:
        assert reply.status == 400
        assert "Idempotency-Key" in (await reply.json())["detail"]
    assert await served.count() == 0


async def test_two_keys_are_refused(served: Served):
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    async with served.client.post("/v1/workflows/echo/cases", json=BODY, headers=headers) as reply:
        assert reply.status == 400
    assert await served.count() == 0


async def test_a_case_keeps_running_when_its_caller_hangs_up(served: Served):
    request = served.client.post("/v1/workflows/echo/cases?wait=30", json={"input": {"question": "#slow"}})
    asking = asyncio.ensure_future(request)
    async with asyncio.timeout(20):
        while not await served.count():
            await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await served.count() == 1
    async with served.client.get("/v1/cases?limit=1") as reply:
        (newest,) = (await reply.json())["cases"]
    async with served.client.get(f"/v1/cases/{newest['id']}?wait=10") as reply:
        assert (await reply.json())["status"] == "delivered"


async def test_waiting_includes_the_turn_of_a_case_that_nobody_runs_yet(tmp_path):
    async with serving(tmp_path, most_running=1) as busy:
        busy.worker.begin()
        first = await busy.open("#slow", wait=0)
        second = await busy.open("Where?", wait=0)
        assert (first["status"], second["status"]) == ("open", "open")
        async with busy.client.get(f"/v1/cases/{second['id']}?wait=20") as reply:
            assert (await reply.json())["status"] == "delivered"


async def test_the_limit_of_a_body_is_a_setting(tmp_path):
    async with serving(tmp_path, max_body_bytes=2_000) as small:
        for size, status in ((1_000, 201), (3_000, 413)):
            body = {"input": {"question": "x" * size}}
            async with small.client.post("/v1/workflows/echo/cases", json=body) as reply:
                assert reply.status == status
