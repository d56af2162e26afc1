"""Does our side of a model call stand up to a fault server that somebody else wrote, by its own verdict too?"""

import asyncio
import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import pytest_asyncio
from tests.providers.chat import KEY, a_request

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed
from leitstand.providers.anthropic import Anthropic
from leitstand.providers.openai_compatible import OpenaiCompatible
from leitstand.testing.ports import free_port
from leitstand.transports.aiohttp import AiohttpTransport

PROVIDERS = {"openai": (OpenaiCompatible, "/v1"), "anthropic": (Anthropic, "/anthropic/v1")}
PAUSE = 0.2

REFUSALS = {
    "bad request": ({"status": 400}, "refused", False),
    "context": ({"status": 400, "code": "context_length_exceeded"}, "context", False),
    "key": ({"status": 401}, "denied", False),
    "forbidden": ({"status": 403}, "denied", False),
    "model": ({"status": 404}, "gone", False),
    "rate": ({"status": 429, "retry_after": 0.2}, "overloaded", True),
    "server error": ({"status": 500}, "server_error", True),
    "gateway": ({"status": 502}, "server_error", True),
    "overloaded": ({"status": 529, "retry_after": 0.2}, "overloaded", True),
}
STREAM_FAULTS = {
    "truncate": ("unreachable", 5.0),
    "disconnect": ("unreachable", 5.0),
    "malformed": ("malformed", 5.0),
    "stall": ("timeout", 0.8),
}


def said(port, method, path, body=None):
    """What the server's own desk answers."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as desk:
        desk.request(method, path, json.dumps(body) if body is not None else None, {"content-type": "application/json"})
        reply = desk.getresponse()
        read = reply.read()
    assert reply.status in (200, 201), read
    return json.loads(read)


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Port of a running llmock, a process of its own."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("llmock")), "serve", "--port", str(port), "--log-level", "info"]
    log = tmp_path_factory.mktemp("llmock") / "log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LLMOCK_")}
    with log.open("wb") as written, subprocess.Popen(command, env=kept, stdout=written, stderr=written) as process:
        for _ in range(300):
            with (
                contextlib.suppress(ConnectionError),
                contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as probe,
            ):
                probe.request("GET", "/health")
                probe.getresponse().read()
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield port
        process.kill()


@pytest_asyncio.fixture
async def transport():
    transport = AiohttpTransport()
    yield transport
    await transport.close()


def a_model(service, port, transport):
    kind, path = PROVIDERS[service]
    target = Target(provider=service, model="small-1", base_url=f"http://127.0.0.1:{port}{path}")
    return kind(target, transport, KEY)


def scripted(port, **fault):
    said(port, "POST", "/_llmock/reset")
    said(port, "POST", "/_llmock/scenario", {"behaviors": [fault]})


async def failed(model, on_delta=None, **request):
    with pytest.raises(ProviderFailed) as caught:
        await model.generate(a_request(schema=None, **request), on_delta)
    return caught.value


async def again(model, failure, on_delta=None):
    """The same request once more when the failure says that it may pass, after the time that it names."""
    if failure.retryable:
        await asyncio.sleep(failure.retry_after or PAUSE)
        answer = await model.generate(a_request(schema=None), on_delta)
        assert answer.finish_reason == "stop"
        assert answer.text


def judged(port, *, attempts):
    """Llmock's verdict: it saw these attempts, one of them with a fault, and nothing to blame the client for."""
    verdict = said(port, "GET", "/_llmock/verdict")
    assert (verdict["calls"], verdict["attempts"], verdict["faults_injected"]) == (1, attempts, 1)
    assert verdict["passed"]
    assert verdict["findings"] == []


@pytest.mark.parametrize("service", PROVIDERS)
@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_refusal_is_a_failure_of_its_kind(port, transport, service, refusal):
    fault, kind, retryable = REFUSALS[refusal]
    scripted(port, type="fail", **fault)
    model = a_model(service, port, transport)
    failure = await failed(model)
    assert (failure.kind, failure.retryable) == (kind, retryable)
    assert failure.retry_after == fault.get("retry_after")
    await again(model, failure)
    judged(port, attempts=1 + retryable)


@pytest.mark.parametrize("service", PROVIDERS)
@pytest.mark.parametrize("fault", STREAM_FAULTS)
async def test_a_broken_stream_is_a_failure_of_its_kind_and_no_answer(port, transport, service, fault):
    kind, timeout = STREAM_FAULTS[fault]
    scripted(port, type="stream_fault", kind=fault, after_chunks=4, stall_seconds=3)
    model, heard = a_model(service, port, transport), []
    failure = await failed(model, heard.append, timeout=timeout)
    assert (failure.kind, failure.retryable) == (kind, True)
    assert heard
    await again(model, failure, heard.append)
    judged(port, attempts=2)


@pytest.mark.parametrize("service", PROVIDERS)
async def test_a_late_answer_is_a_timeout(port, transport, service):
    scripted(port, type="delay", seconds=0.8)
    failure = await failed(a_model(service, port, transport), timeout=0.2)
    assert (failure.kind, failure.retryable) == ("timeout", True)


async def test_a_client_that_believes_half_a_stream_is_blamed(port):
    scripted(port, type="stream_fault", kind="truncate", after_chunks=2)
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": True})
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as client:
        client.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
        assert b"data:" in client.getresponse().read()
    verdict = said(port, "GET", "/_llmock/verdict")
    assert not verdict["passed"]
    assert [finding["code"] for finding in verdict["findings"]] == ["truncated_stream_accepted"]
