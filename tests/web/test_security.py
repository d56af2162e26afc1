"""Who may speak to the server: this machine by a loopback name, and no page of another origin."""

import asyncio

import pytest
from starlette.responses import HTMLResponse
from starlette.routing import Route
from tests.web.conftest import Served, serving

GOOD = {"input": {"question": "Where?"}}
CASES = "/v1/workflows/echo/cases"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "[::1]", "localhost:9", "[::1]:8420"])
async def test_loopback_names_are_served(served: Served, host: str):
    async with served.client.get("/health/live", headers={"Host": host}) as reply:
        assert reply.status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8420",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "0.0.0.0",
        "10.0.0.1:8420",
        "::1",
        "localhost:8420:8420",
        "",
        "user@localhost",
    ],
)
@pytest.mark.parametrize("path", ["/health/live", "/v1/cases", "/openapi.json", "/anything"])
async def test_a_foreign_name_is_denied_everywhere(served: Served, host: str, path: str):
    """A page of evil.example whose name resolves to 127.0.0.1 sends its own name as Host."""
    async with served.client.get(path, headers={"Host": host}) as reply:
        assert reply.status == 403
        assert (await reply.json(content_type=None))["code"] == "denied"


@pytest.mark.parametrize("hosts", [b"", b"Host: localhost\r\nHost: localhost\r\n"], ids=["none", "two"])
async def test_no_host_and_two_hosts_are_denied(served: Served, hosts: bytes):
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"GET /health/live HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 403 ")
    writer.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "nonsense"},
    ],
    ids=str,
)
async def test_a_change_from_another_origin_is_denied(served: Served, headers: dict[str, str]):
    async with served.client.post(CASES, json=GOOD, headers=headers) as reply:
        assert reply.status == 403
    assert await served.count() == 0
    async with served.client.get("/v1/cases", headers=headers) as reply:
        assert reply.status == 200
        assert "Access-Control-Allow-Origin" not in reply.headers


async def test_a_change_from_our_own_page_or_a_program_is_taken(served: Served):
    own = {"Sec-Fetch-Site": "same-origin", "Origin": served.url}
    for headers in (own, {"Sec-Fetch-Site": "none"}, {}):
        async with served.client.post(CASES, json=GOOD, headers=headers) as reply:
            assert reply.status == 201


async def test_a_preflight_gets_no_permission(served: Served):
    asking = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    async with served.client.options(CASES, headers=asking) as reply:
        assert reply.status == 405
        assert not [name for name in reply.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/cases"), ("POST", CASES), ("GET", "/v1/cases/7"), ("GET", "/nothing"), ("DELETE", "/v1/cases")],
)
async def test_every_answer_of_the_api_is_locked_down(served: Served, method: str, path: str):
    async with served.client.request(method, path, json=GOOD if method == "POST" else None) as reply:
        assert reply.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers.getall("Content-Type")[0].startswith("application/")


async def test_pages_get_the_policy_with_a_fresh_nonce_for_each_answer(tmp_path):
    async def page(request):
        return HTMLResponse(request.scope["leitstand.nonce"])

    async with serving(tmp_path, [Route("/page", page)]) as served:
        nonces = set()
        for _ in range(3):
            async with served.client.get("/page") as reply:
                nonce = await reply.text()
                policy = reply.headers["Content-Security-Policy"]
                assert reply.headers["X-Content-Type-Options"] == "nosniff"
            nonces.add(nonce)
            assert policy == (
                f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
                "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
                "require-trusted-types-for 'script'; trusted-types htmx leitstand"
            )
        assert len(nonces) == 3
        assert min(len(nonce) for nonce in nonces) >= 20
