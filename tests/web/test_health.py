"""Is this process alive, ready, and does it show its numbers, on the listener for probes as on its own?"""

import asyncio

from tests.web.conftest import Served

from leitstand.runtime import vitals


async def test_a_process_that_stops_or_hangs_says_so(empty: Served):
    empty.worker.begin()
    while empty.worker.looked is None:
        await asyncio.sleep(0.01)
    empty.worker.looked -= vitals.HUNG_SECONDS + 1
    async with empty.client.get("/health/live", headers={"Accept-Language": "de"}) as reply:
        assert reply.status == 503
        problem = await reply.json(content_type=None)
    assert (problem["code"], problem["detail"]) == ("not_ready", "Dieser Server ist nicht bereit: der Worker hängt.")
    async with empty.client.get("/health/ready") as reply:
        assert reply.status == 200
    empty.worker.draining = True
    async with empty.client.get("/health/ready") as reply:
        assert reply.status == 503
        assert (await reply.json(content_type=None))["code"] == "stopping"


async def test_without_its_database_a_process_is_alive_and_not_ready(empty: Served):
    await empty.stores.close()
    async with empty.client.get("/health/live") as reply:
        assert reply.status == 200
    async with empty.client.get("/health/ready") as reply:
        assert reply.status == 503
    async with empty.client.get("/metrics") as reply:
        assert reply.status == 200
        assert "leitstand_database_up 0.0" in await reply.text()


async def test_requests_are_counted_by_what_answered_them(empty: Served):
    await empty.open()
    for path in ("/v1/cases/1", "/v1/cases/no-such-case", "/nowhere", "/also/nowhere"):
        async with empty.client.get(path):
            pass
    async with empty.client.get("/metrics") as reply:
        text = await reply.text()
    for line in (
        'leitstand_http_requests_total{handler="open_case",status="201"} 1.0',
        'leitstand_http_requests_total{handler="read_case",status="200"} 1.0',
        'leitstand_http_requests_total{handler="read_case",status="404"} 1.0',
        'leitstand_http_requests_total{handler="none",status="404"} 2.0',
        'leitstand_http_errors_total{code="address_unknown"} 2.0',
        'leitstand_http_request_seconds_count{handler="open_case"} 1.0',
    ):
        assert line in text


async def test_the_numbers_can_be_asked_for_with_head_and_take_no_parameters(served: Served):
    async with served.client.head("/metrics") as reply:
        assert reply.status == 200
        assert await reply.read() == b""
    async with served.client.get("/metrics?verbose=1") as reply:
        assert reply.status == 400
    async with served.client.post("/metrics") as reply:
        assert reply.status == 405


async def test_a_caller_that_names_its_span_is_linked_and_nonsense_is_not(served: Served):
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for given, kept in ((parent, parent), ("00-petra", ""), (parent.replace("0af7", "0AF7"), "")):
        case = await served.open(traceparent=given)
        (accepted, *_) = await served.parts.cases.events("default", case["id"])
        assert accepted.body.traceparent == kept
