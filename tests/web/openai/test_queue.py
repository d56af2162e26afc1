"""What does a caller get who has to wait for a turn, or who may not even wait?"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import openai
import pytest
from tests.web.openai.conftest import ANSWER, a_gateway, behave
from tests.web.processes import server

from leitstand.testing.fault_server import FaultServer


@dataclass(frozen=True, kw_only=True)
class Narrow:
    """A server without much room: a client of it, and its upstream."""

    client: openai.OpenAI
    upstream: FaultServer


@pytest.fixture
def narrow(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Narrow]:
    """A server that works on one case at a time and lets as many wait as the test says."""
    monkeypatch.setenv("LEITSTAND_MOST_RUNNING", "1")
    monkeypatch.setenv("LEITSTAND_MOST_WAITING", str(request.param))
    with FaultServer(choose=behave) as upstream:
        folder = a_gateway(tmp_path / "gateway", upstream.url, "first")
        with (
            server(folder, tmp_path / "data") as running,
            openai.OpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0) as client,
        ):
            yield Narrow(client=client, upstream=upstream)


def ask(client: openai.OpenAI, number: int) -> str | openai.InternalServerError:
    """The answer, or the error."""
    said = [{"role": "user", "content": f"#late {number}"}]
    try:
        if number % 2:
            stream = client.chat.completions.create(model="gateway", messages=said, stream=True)
            return "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        return str(client.chat.completions.create(model="gateway", messages=said).choices[0].message.content)
    except openai.InternalServerError as error:
        return error


@pytest.mark.parametrize("narrow", [10], indirect=True)
def test_who_waits_for_a_turn_is_answered_as_a_whole(narrow: Narrow):
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda number: ask(narrow.client, number), range(4))) == {ANSWER}


@pytest.mark.parametrize("narrow", [0], indirect=True)
def test_who_may_not_wait_is_told_when_to_come_back(narrow: Narrow):
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, narrow.client, 0)
        while not narrow.upstream.requests:
            time.sleep(0.01)
        error = ask(narrow.client, 2)
        assert not isinstance(error, str)
        assert (error.status_code, error.code, error.type) == (503, "overloaded", "server_error")
        assert int(error.response.headers["retry-after"]) >= 1
        assert "leitstand-case" not in error.response.headers
        assert first.result() == ANSWER
