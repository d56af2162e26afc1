"""What does a chat caller hear when the workflow is stopped: at once, when to come back, and in OpenAI's form?"""

import json
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

import openai
from tests.web.openai.conftest import a_gateway
from tests.web.processes import Server, get, leitstand, server

from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.faults import Behaviour
from leitstand.testing.wire import Received

MODEL = "gateway"
SAID = [{"role": "user", "content": "Hi"}]


def never_done(request: Received) -> Behaviour:
    """A model that begins a stream and goes silent, or never answers."""
    return faults.events(faults.chunk("Paris "), then="silent") if b'"stream":true' in request.body else faults.never()


def stop(data: Path) -> None:
    """Stop the workflow from the command line, as a person would."""
    order = leitstand("stop", "--workflow", MODEL, "--reason", "Wrong", "--as", "Anna", "--data", data)
    subprocess.run(order, check=True, capture_output=True, timeout=60)


def refused(ask: Callable[[], object]) -> openai.APIError:
    """The error that comes, long before the caller would give up by itself."""
    try:
        ask()
    except openai.APIError as error:
        return error
    raise AssertionError("it was answered")


def opened(running: Server) -> int:
    """The status of a case that is handed in while its caller wants to wait longer than it is patient."""
    body = json.dumps({"input": {"messages": SAID}}).encode()
    asked = Request(f"{running.url}/v1/workflows/{MODEL}/cases?wait=60", body, {"Content-Type": "application/json"})
    with urlopen(asked, timeout=20) as reply:
        assert json.load(reply)["status"] == "open"
        return reply.status


def test_who_waits_and_who_comes_is_told_at_once_and_only_cases_that_are_handed_in_are_kept(tmp_path: Path):
    data = tmp_path / "data"
    with FaultServer(choose=never_done) as upstream:
        folder = a_gateway(tmp_path / MODEL, upstream.url, "first")
        with (
            server(folder, data) as running,
            openai.OpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0, timeout=20) as client,
            ThreadPoolExecutor(2) as pool,
        ):

            def ask(**more: object) -> object:
                answer = client.chat.completions.create(model=MODEL, messages=SAID, **more)
                return list(answer) if more.get("stream") else answer

            whole, streamed = pool.submit(refused, ask), pool.submit(refused, lambda: ask(stream=True))
            while len(upstream.requests) < 2:
                time.sleep(0.02)
            stop(data)
            cut = whole.result()
            assert isinstance(cut, openai.InternalServerError)
            assert (cut.status_code, cut.code, cut.type) == (503, "case_held", "server_error")
            told = cut.response.headers
            assert (told["retry-after"], told["x-should-retry"]) == ("30", "false")
            assert get(f"{running.url}/v1/cases/{told['leitstand-case']}")["status"] == "open"
            assert streamed.result().code == "case_held"
            for headers in ({}, {"Idempotency-Key": "a"}):
                late = refused(lambda headers=headers: ask(extra_headers=headers))
                assert isinstance(late, openai.InternalServerError)
                assert (late.status_code, late.code) == (503, "workflow_stopped")
                assert late.response.headers["retry-after"] == "30"
                assert "leitstand-case" not in late.response.headers
            assert len(running.cases()) == 2
            assert opened(running) == 201
            assert (len(running.cases()), len(upstream.requests)) == (3, 2)
