"""Does a call reach its endpoint, and only it, and is what comes back a result or a failure? Over real sockets."""

import asyncio
import json

import pytest
import pytest_asyncio
from tests.runtime.tools import PARAMETERS

from leitstand.domain.errors import ToolFailed
from leitstand.domain.tool import SideEffect, Tool
from leitstand.json_contract import validator
from leitstand.runtime.tool_call import ReadyTool, call_tool, endpoint, function
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.transports.aiohttp import AiohttpTransport

KEY = "tool-key-never-show-this"


@pytest_asyncio.fixture
async def transport():
    transport = AiohttpTransport()
    yield transport
    await transport.close()


def at(server: FaultServer, transport, path: str = "/order-status", **more) -> ReadyTool:
    """The tool behind a server."""
    tool = Tool(name="order_status", description="Looks.", effect=SideEffect.READ, url=server.url + path, **more)
    send = endpoint(tool, transport, KEY)
    return ReadyTool(tool=tool, parameters=PARAMETERS, problems=validator(PARAMETERS), send=send)


async def called(transport, behaviour, **more) -> object:
    with FaultServer(behaviour) as server:
        return await call_tool(at(server, transport, **more), {"order": "4711"}, "c1-tool-1", 5.0)


async def test_what_goes_out(transport):
    with FaultServer(faults.reply(200, b'{"state": "sent"}')) as server:
        said = await call_tool(at(server, transport), {"order": "4711"}, "c1-tool-1", 5.0)
        [sent] = server.requests
    assert said == {"state": "sent"}
    assert (sent.method, sent.path) == ("POST", "/order-status")
    assert json.loads(sent.body) == {"order": "4711"}
    assert sent.headers["idempotency-key"] == "c1-tool-1"
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'"sent"', "sent"),
        (b"[1, 2.5, null]", [1, 2.5, None]),
        (b"", None),
        (b"  \n", None),
        ("Größe: 5".encode(), "Größe: 5"),
        (b"<html>not JSON</html>", "<html>not JSON</html>"),
        (b'{"cut": ', '{"cut": '),
    ],
)
async def test_what_comes_back_is_json_or_text(transport, body, read):
    assert await called(transport, faults.reply(200, body)) == read


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (faults.error(400), "refused"),
        (faults.error(401), "refused"),
        (faults.error(403), "refused"),
        (faults.error(404), "refused"),
        (faults.error(408), "server_error"),
        (faults.error(429), "server_error"),
        (faults.error(500), "server_error"),
        (faults.html(502), "server_error"),
        (faults.redirect("http://127.0.0.1:1/elsewhere"), "server_error"),
        (faults.reply(200, b"\xff\xfe"), "malformed"),
        (faults.reply(200, b'"' + b"x" * 30_000 + b'"'), "too_large"),
        (faults.garbage(), "unreachable"),
        (faults.nothing(), "unreachable"),
        (faults.half("x"), "unreachable"),
        (faults.reset(), "unreachable"),
        (faults.bomb(), "unreachable"),
        (faults.endless(), "unreachable"),
    ],
)
async def test_what_is_no_result(transport, behaviour, kind):
    with pytest.raises(ToolFailed) as caught:
        await called(transport, behaviour)
    assert caught.value.values["kind"] == kind
    assert KEY not in str(caught.value)
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize(
    "behaviour", [faults.never(), faults.late(5, faults.reply(200, b"1")), faults.drip("x", seconds=9)]
)
@pytest.mark.parametrize(("own", "left"), [(0.2, 9.0), (9.0, 0.2)])
async def test_nobody_waits_longer_than_allowed(transport, behaviour, own, left):
    async with asyncio.timeout(3):
        with FaultServer(behaviour) as server, pytest.raises(ToolFailed) as caught:
            await call_tool(at(server, transport, timeout_seconds=own), {}, "k", left)
    assert caught.value.values["kind"] == "timeout"


async def test_a_server_that_is_not_there(transport):
    with FaultServer(faults.nothing()) as server:
        tool = at(server, transport)
    with pytest.raises(ToolFailed) as caught:
        await call_tool(tool, {}, "k", 5.0)
    assert caught.value.values["kind"] == "unreachable"


@pytest.mark.parametrize(
    "argument",
    [
        "../../admin",
        "http://127.0.0.1:9/canary",
        "?next=http://evil.example",
        "@evil.example/",
        "\r\nhost: evil.example\r\n\r\nGET /steal HTTP/1.1",
        "#/\\evil",
    ],
)
async def test_nothing_that_a_model_writes_changes_where_a_call_goes(transport, argument):
    with FaultServer(faults.reply(200, b"1")) as server, FaultServer(faults.reply(200, b"1")) as elsewhere:
        text = argument.replace("127.0.0.1:9", f"127.0.0.1:{elsewhere.port}")
        await call_tool(at(server, transport), {"order": text}, "c1-tool-1", 5.0)
        [sent] = server.requests
        assert elsewhere.connections == 0
    assert (sent.path, sent.headers["host"]) == ("/order-status", f"127.0.0.1:{server.port}")
    assert json.loads(sent.body) == {"order": text}


@pytest.mark.parametrize("redirect", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(transport, redirect):
    with FaultServer(faults.reply(200, b"1")) as elsewhere:
        moved = faults.reply(redirect, b"", {"location": f"{elsewhere.url}/canary"})
        with pytest.raises(ToolFailed):
            await called(transport, moved)
        assert elsewhere.connections == 0


async def test_a_function_gets_arguments_and_key():
    seen = []
    tool = Tool(name="order_status", description="Looks.", effect=SideEffect.READ, function="order_status")
    send = function(lambda arguments, key: seen.append((arguments, key)) or {"when": 1.5})
    ready = ReadyTool(tool=tool, parameters=PARAMETERS, problems=validator(PARAMETERS), send=send)
    assert await call_tool(ready, {"order": "1"}, "c1-tool-1", 5.0) == {"when": 1.5}
    assert seen == [({"order": "1"}, "c1-tool-1")]
