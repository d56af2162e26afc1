"""Do processes take their roles, and leave in order: what runs is finished, what does not is handed back?"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cli.conftest import Leitstand

from leitstand.testing.ports import free_port

WORKFLOW = Path(__file__).parents[1] / "chaos" / "workflow"


@contextmanager
def process(folder: Path, *arguments: str, awaited: bytes, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command of ours in the background, once it has said ``awaited``."""
    command = [sys.executable, "-m", "leitstand.cli", *arguments, "--data", "data"]
    environment = {
        **os.environ,
        "LANG": "C",
        **{f"LEITSTAND_{name.upper()}": value for name, value in settings.items()},
    }
    running = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, env=environment)
    assert running.stderr
    try:
        while awaited not in (line := running.stderr.readline()):
            assert line, f"{arguments} ended"
        yield running
    finally:
        running.kill()
        running.communicate()


def ask(url: str, body: object = None) -> tuple[int, dict[str, object]]:
    """Status and JSON of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture
def slow_workflow(tmp_path: Path) -> str:
    """A workflow whose model takes three seconds and whose output its caller fetches."""
    copy = tmp_path / "slow"
    copy.mkdir()
    for file in WORKFLOW.rglob("*"):
        if file.is_file():
            (copy / file.relative_to(WORKFLOW)).parent.mkdir(exist_ok=True)
            (copy / file.relative_to(WORKFLOW)).write_bytes(file.read_bytes())
    definition = copy / "workflow.toml"
    text = definition.read_text().replace("delay_ms = 40", "delay_ms = 3000").replace("sample_percent = 20.0", "")
    definition.write_text(text[: text.index("[delivery]")])
    return "slow"


QUESTION = {"input": {"question": "When does the harbour close?", "number": 1}}


def test_a_stopped_server_ends_what_runs_and_hands_back_the_rest(
    leitstand: Leitstand, tmp_path: Path, slow_workflow: str
) -> None:
    port, probes = free_port(), free_port()
    settings = {"probes_port": str(probes), "most_running": "2", "drain_seconds": "15"}
    with process(tmp_path, "serve", slow_workflow, "--port", str(port), awaited=b"serves", **settings) as server:
        opened = [ask(f"http://127.0.0.1:{port}/v1/workflows/chaos/cases", QUESTION) for _ in range(5)]
        assert [status for status, _ in opened] == [201] * 5
        server.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert ask(f"http://127.0.0.1:{probes}/health/ready")[0] == 503
        assert ask(f"http://127.0.0.1:{probes}/health/live")[0] == 200
        assert server.wait(20) == 0
    rows = leitstand("case", "list", "--data", "data", "--json").data
    assert isinstance(rows, list)
    assert sorted(row["status"] for row in rows) == ["delivered"] * 2 + ["open"] * 3
    with process(tmp_path, "work", awaited=b"works", probes_port=str(probes)):
        deadline = time.monotonic() + 20
        while {row["status"] for row in rows} != {"delivered"} and time.monotonic() < deadline:
            time.sleep(0.2)
            rows = leitstand("case", "list", "--data", "data", "--json").data
        assert {row["status"] for row in rows} == {"delivered"}


def test_a_second_signal_ends_at_once_and_loses_nothing(
    leitstand: Leitstand, tmp_path: Path, slow_workflow: str
) -> None:
    port = free_port()
    with process(tmp_path, "serve", slow_workflow, "--port", str(port), awaited=b"serves") as server:
        assert ask(f"http://127.0.0.1:{port}/v1/workflows/chaos/cases", QUESTION)[0] == 201
        server.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
    rows = leitstand("case", "list", "--data", "data", "--json").data
    assert isinstance(rows, list)
    assert [row["status"] for row in rows] in (["open"], ["delivered"])


def test_the_door_for_watchers_shows_health_and_nothing_else(tmp_path: Path, slow_workflow: str) -> None:
    port, probes = free_port(), free_port()
    arguments = ("serve", slow_workflow, "--no-work", "--port", str(port))
    with process(tmp_path, *arguments, awaited=b"serves", probes_port=str(probes), probes_host="0.0.0.0"):
        status, health = ask(f"http://127.0.0.1:{probes}/health/live")
        assert (status, health["status"]) == (200, "alive")
        for path in ("/v1/cases", "/inbox", "/openapi.json", "/health/live/../../v1/cases", "/"):
            assert ask(f"http://127.0.0.1:{probes}{path}")[0] == 404
        assert ask(f"http://127.0.0.1:{probes}/health/live", {})[0] == 404
        status, case = ask(f"http://127.0.0.1:{port}/v1/workflows/chaos/cases?wait=1", QUESTION)
        assert (status, case["status"]) == (201, "open"), "a process without work leaves the case in the queue"
