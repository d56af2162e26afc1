"""Is a caller turned away in time, told when to come back, and is nothing lost of what was accepted?"""

import asyncio

import pytest
from tests.web.conftest import serving

SLOW = {"input": {"question": "#slow"}}
PATH = "/v1/workflows/echo/cases"


async def post(client, body, **headers):
    async with client.post(PATH, json=body, headers=headers) as reply:
        return reply.status, dict(reply.headers), await reply.json()


async def test_beyond_the_queue_callers_are_asked_to_come_back(tmp_path):
    async with serving(tmp_path, most_running=1, most_waiting=3) as busy:
        answers = [await post(busy.client, SLOW) for _ in range(6)]
        assert [status for status, _, _ in answers] == [201] * 4 + [503] * 2
        _, headers, problem = answers[-1]
        assert (problem["code"], int(headers["Retry-After"])) == ("overloaded", 5)
        assert "3 cases wait for their turn, and 3 may." in problem["detail"]
        assert "5 s" in problem["repair"]
        busy.worker.begin()
        async with asyncio.timeout(20):
            while (await post(busy.client, SLOW, **{"Idempotency-Key": "again"}))[0] == 503:
                await asyncio.sleep(0.2)
        assert await busy.count() == 5


@pytest.mark.parametrize("language", ["de", "en"])
async def test_more_requests_than_can_be_answered_are_refused_but_not_the_question_how_the_server_is(
    tmp_path, language
):
    async with serving(tmp_path, most_requests=2) as small:
        held = [asyncio.create_task(small.open("#slow")) for _ in range(2)]
        async with asyncio.timeout(10):
            while small.worker.running < 2:
                await asyncio.sleep(0.01)
        async with small.client.get("/v1/cases", headers={"Accept-Language": language}) as reply:
            problem = await reply.json()
            assert (reply.status, problem["code"], reply.headers["Retry-After"]) == (503, "server_busy", "1")
            assert ("Anfragen" in problem["detail"]) == (language == "de")
        async with small.client.get("/health/live") as reply:
            assert reply.status == 200
        assert [case["status"] for case in await asyncio.gather(*held)] == ["delivered"] * 2
        async with small.client.get("/v1/cases") as reply:
            assert reply.status == 200


async def test_a_server_that_drains_is_alive_and_not_ready(tmp_path):
    async with serving(tmp_path) as served:
        async with served.client.get("/health/ready") as reply:
            assert reply.status == 200
        await served.worker.drain(0)
        async with served.client.get("/health/ready") as reply:
            assert (reply.status, (await reply.json())["code"]) == (503, "stopping")
            assert reply.headers["Retry-After"] == "1"
        async with served.client.get("/health/live") as reply:
            assert reply.status == 200
        status, _, case = await post(served.client, SLOW)
        assert (status, case["status"]) == (201, "open")
        assert served.worker.running == 0


async def test_tenants_see_their_own_cases_only(tmp_path):
    async with serving(tmp_path, tenants="default, acme") as served:
        mine = await served.open("Where?")
        async with served.client.get(f"/v1/cases/{mine['id']}", headers={"Leitstand-Tenant": "acme"}) as reply:
            assert reply.status == 404
        async with served.client.get("/v1/cases", headers={"Leitstand-Tenant": "acme"}) as reply:
            assert (await reply.json())["cases"] == []
        status, _, problem = await post(served.client, SLOW, **{"Leitstand-Tenant": "acme"})
        assert (status, problem["code"]) == (404, "workflow_unknown")
        async with served.client.get(f"/v1/cases/{mine['id']}", headers={"Leitstand-Tenant": "default"}) as reply:
            assert (await reply.json())["id"] == mine["id"]


@pytest.mark.parametrize("tenant", ["other", "DEFAULT", "", "default, default", "../default", "é"])
async def test_a_tenant_that_is_not_served_is_denied(served, tenant):
    status, _, problem = await post(served.client, SLOW, **{"Leitstand-Tenant": tenant})
    assert (status, problem["code"]) == (403, "denied")
    assert "LEITSTAND_TENANTS" in problem["repair"]
    assert await served.count() == 0
