"""What is served, and whether the process is fit to serve."""

from tests.web.conftest import Served, stored_release, workflow


async def test_the_active_workflows_are_listed_with_their_releases(served: Served):
    async with served.client.get("/v1/workflows") as reply:
        listed = (await reply.json())["workflows"]
    assert [item["name"] for item in listed] == ["echo", "echo-reviewed"]
    assert listed[0]["title"] == {"en": "Echo", "de": "Echo"}
    assert listed[0]["steps"] == ["normalise", "draft", "check", "decide", "deliver"]
    case = await served.open()
    assert case["release"] == listed[0]["release"]


async def test_what_becomes_active_is_served_without_a_restart(empty: Served):
    await stored_release(empty.stores, workflow("later", "always"))
    await empty.parts.installations.refresh()
    async with empty.client.get("/openapi.json") as reply:
        assert "/v1/workflows/later/cases" in (await reply.json())["paths"]
    assert (await empty.open(workflow="later"))["status"] == "review"


async def test_a_working_server_is_alive_and_ready(served: Served):
    for path, status in (("/health/live", "alive"), ("/health/ready", "ready")):
        async with served.client.get(path) as reply:
            assert reply.status == 200
            assert (await reply.json())["status"] == status


async def test_health_takes_no_parameters(served: Served):
    async with served.client.get("/health/live?verbose=1") as reply:
        assert reply.status == 400
