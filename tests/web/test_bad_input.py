"""Bad input over HTTP: each gets a clear answer that names what is wrong, and nothing is lost or half accepted."""

import asyncio
import gzip
import io
import json

import pytest
from tests.web.conftest import Served

from leitstand.assembly import TENANT

CASES = "/v1/workflows/echo/cases"
JSON = {"Content-Type": "application/json"}
GOOD = b'{"input": {"question": "Where?"}}'


async def refused(served: Served, body: bytes, status: int, code: str, headers: dict[str, str] | None = None) -> dict:
    """Send ``body``; the refusal, which opened no case."""
    sent = io.BytesIO(body) if len(body) > 1_000_000 else body
    async with served.client.post(CASES, data=sent, headers=JSON if headers is None else headers) as reply:
        assert reply.status == status, await reply.text()
        assert reply.content_type == "application/problem+json"
        problem = await reply.json(content_type=None)
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == f"urn:leitstand:error:{code}"
    assert problem["title"]
    assert problem["repair"]
    assert problem["instance"].startswith("urn:leitstand:occurrence:")
    assert await served.count() == 0
    return problem


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b'{"input": {"question": "Where', "not JSON"),
        (GOOD + b"}", "trailing"),
        (b"input=Where", "not JSON"),
        (b"<html>Where?</html>", "not JSON"),
        (bytes(range(256)), "not JSON"),
        (b"\x00" * 64, "not JSON"),
        (b'\xef\xbb\xbf{"input": {"question": "Where?"}}', "byte order mark"),
        (GOOD.decode().encode("utf-16"), "byte order mark"),
        (GOOD.decode().encode("utf-16-le"), "not JSON"),
        ('{"input": {"question": "Grüße"}}'.encode("latin-1"), "not UTF-8"),
        (b'{"input": {"question": "\xed\xa0\x80"}}', "not UTF-8"),
        (b'{"input": {"question": "\\ud800 alone"}}', "surrogate"),
        (b'{"input": {"question": "Where?", "n": NaN}}', "not JSON"),
        (b'{"input": {"question": "Where?", "n": -Infinity}}', "not JSON"),
        (b'{"input": {"question": "Where?", "n": 1e999}}', "range"),
        (b'{"input": {"question": "Where?", "n": ' + b"9" * 5000 + b"}}", "range"),
        (b'{"input": {"question": "a"}, "input": {"question": "b"}}', "'input' comes twice"),
        (b'{"input": {"question": "a: b", "question": "b"}}', "'question' comes twice"),
        (b'{"input": {"question": "a", "q\\u0075estion": "b"}}', "'question' comes twice"),
        (b'{"input": {"question": ' + b"[" * 65 + b"]" * 65 + b"}}", "64 levels"),
        (b"[" * 100_000 + b"]" * 100_000, "64 levels"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "64 levels"),
        (b'[{"input": {}}]', "not a JSON object"),
        (b'"input"', "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"{}", "input is missing"),
        (b'{"input": "Where?"}', "not an object"),
        (b'{"input": null}', "not an object"),
        (b'{"input": {"question": "a"}, "imput": 1}', "'imput' is unknown"),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else value,
)
async def test_a_body_that_cannot_be_read_names_its_mistake(served: Served, body: bytes, named: str):
    problem = await refused(served, body, 400, "request_malformed")
    assert named in problem["detail"]


async def test_an_unknown_key_comes_with_the_nearest_known_one(served: Served):
    problem = await refused(served, b'{"imput": {"question": "Where?"}}', 400, "request_malformed")
    assert problem["detail"] == "The request cannot be read: the key 'imput' is unknown."
    assert problem["repair"] == "Send input, if that was meant."


async def test_input_that_breaks_its_schema_names_every_place(served: Served):
    body = json.dumps({"input": {"question": "", "urgency": "middling", "quest/ion": 1}}).encode()
    problem = await refused(served, body, 422, "input_invalid")
    assert {error["pointer"] for error in problem["errors"]} == {"/input", "/input/question", "/input/urgency"}
    assert any("quest/ion" in error["detail"] for error in problem["errors"])


async def test_a_missing_field_is_named(served: Served):
    problem = await refused(served, b'{"input": {}}', 422, "input_invalid")
    assert problem["errors"] == [{"pointer": "/input", "detail": '"question" is a required property'}]


async def test_a_text_above_the_limit_of_its_workflow_is_too_large(served: Served):
    body = json.dumps({"input": {"question": "ü" * 20_001}}).encode()
    problem = await refused(served, body, 413, "too_large")
    assert "20001" in problem["detail"]
    assert "20000" in problem["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/octet-stream"},
    ],
    ids=lambda headers: headers["Content-Type"],
)
async def test_a_body_of_another_type_is_not_read(served: Served, headers: dict[str, str]):
    problem = await refused(served, GOOD, 415, "media_type_unsupported", headers)
    assert headers["Content-Type"] in problem["detail"]


async def test_a_compressed_body_is_not_unpacked(served: Served):
    bomb = gzip.compress(b" " * 10_000_000)
    await refused(served, bomb, 415, "media_type_unsupported", {**JSON, "Content-Encoding": "gzip"})


async def test_utf8_may_be_named(served: Served):
    headers = {"Content-Type": 'Application/JSON; charset="UTF-8"'}
    async with served.client.post(CASES, data=GOOD, headers=headers) as reply:
        assert reply.status == 201


async def test_ten_megabytes_are_refused_by_their_announcement(served: Served):
    body = b'{"input": {"question": "' + b"x" * 10_000_000 + b'"}}'
    problem = await refused(served, body, 413, "too_large")
    assert "10000027" in problem["detail"]
    assert "1048576" in problem["detail"]


async def test_ten_megabytes_without_an_announcement_are_refused_while_they_come(served: Served):
    """Chunked, and never finished: the answer comes although the body does not end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    head = f"POST {CASES} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    for _ in range(17):
        writer.write(chunk)
        await writer.drain()
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert answer.startswith(b"HTTP/1.1 413 ")
    writer.close()
    assert await served.count() == 0


async def test_a_body_that_breaks_off_opens_nothing(served: Served):
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    head = f"POST {CASES} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(GOOD)}\r\n\r\n".encode() + GOOD[:-3])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.1)
    assert await served.count() == 0
    await served.open()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"GARBAGE\r\n\r\n",
        b"POST /v1/cases HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/cases HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxx",
    ],
    ids=["tls", "garbage", "negative length", "two lengths"],
)
async def test_what_is_not_http_is_refused_and_the_server_stays(served: Served, request_bytes: bytes):
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(request_bytes)
    answer = await asyncio.wait_for(reader.read(64), 5)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    writer.close()
    assert await served.count() == 0
    await served.open()


@pytest.mark.parametrize("name", ["ecko", "Echo", "../echo", "echo%00", "%ff", "x" * 5000, "echo%2Fcases"])
async def test_an_unknown_workflow_is_not_found(served: Served, name: str):
    from yarl import URL

    address = URL(f"{served.url}/v1/workflows/{name}/cases", encoded=True)
    async with served.client.post(address, data=GOOD, headers=JSON) as reply:
        assert reply.status == 404
        problem = await reply.json(content_type=None)
    if "/" not in name.replace("%2F", "/"):
        assert problem["code"] == "workflow_unknown"
        assert "echo, echo-reviewed" in problem["repair"]
    assert await served.count() == 0


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("wait=61", "wait is '61'"),
        ("wait=-1", "wait is '-1'"),
        ("wait=1.5", "wait is '1.5'"),
        ("wait=", "wait is ''"),
        ("wait=%D9%A1", "wait is"),
        ("wait=1&wait=2", "comes 2 times"),
        ("wiat=1", "wiat is unknown"),
        ("%ff=1", "not readable"),
        ("&".join(f"a{number}=1" for number in range(60)), "not readable"),
    ],
)
async def test_a_bad_parameter_is_named(served: Served, query: str, named: str):
    from yarl import URL

    address = URL(f"{served.url}{CASES}?{query}", encoded=True)
    async with served.client.post(address, data=GOOD, headers=JSON) as reply:
        assert reply.status == 400
        assert named in (await reply.json(content_type=None))["detail"]
    assert await served.count() == 0


async def test_hostile_text_is_stored_and_returned_as_the_text_it_is(served: Served):
    hostile = "<script>alert(1)</script>\u0000\u202e{{7*7}} {input} %s ' OR 1=1; -- \\u003c"
    case = await served.open(hostile)
    stored = await served.parts.cases.contents(TENANT, case["id"], ("input",))
    assert json.loads(stored["input"]) == {"question": hostile}
    assert case["output"]["answer"].endswith("{{7*7}} {input} %s ' OR 1=1; -- \\u003c")


async def test_numbers_of_any_size_survive(served: Served):
    """The schema refuses them here; what matters is that nothing overflows on the way to it."""
    body = b'{"input": {"question": "a", "n": 123456789012345678901234567890, "m": 1.0e-320}}'
    await refused(served, body, 422, "input_invalid")


async def test_after_all_that_good_input_is_taken(served: Served):
    assert (await served.open("still there?"))["status"] == "delivered"
