"""Do the commands work beside a running server, which owns the database?"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.cli.conftest import Leitstand

from leitstand.testing.ports import free_port


@dataclass
class Server:
    """A running server: its process and its address."""

    process: subprocess.Popen[bytes]
    address: str

    def ask(self, question: str) -> dict[str, object]:
        """One case, waited for."""
        body = json.dumps({"input": {"question": question}}).encode()
        request = urllib.request.Request(
            f"{self.address}/v1/workflows/mine/cases?wait=30", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as reply:
            answer: dict[str, object] = json.load(reply)
            return answer


@pytest.fixture
def server(leitstand: Leitstand, tmp_path: Path) -> Iterator[Server]:
    """A server on the folder ``data`` with the workflow ``mine``."""
    assert leitstand("init", "mine", "--lang", "en").code == 0
    port = free_port()
    command = [sys.executable, "-m", "leitstand.cli", "serve", "mine", "--data", "data", "--port", str(port)]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, env={**os.environ, "LANG": "C"})
    assert process.stderr
    while b"serves" not in (line := process.stderr.readline()):
        assert line, "the server did not start"
    yield Server(process=process, address=f"http://127.0.0.1:{port}")
    process.kill()
    process.communicate()


def test_reading_beside_the_server(leitstand: Leitstand, server: Server) -> None:
    case = server.ask("When do you open?")
    listed = leitstand("case", "list", "--data", "data", "--json").data
    assert isinstance(listed, list)
    assert [row["case"] for row in listed] == [case["id"]]
    shown = leitstand("case", "show", case["number"], "--data", "data", "--content", "--json").data
    assert isinstance(shown, dict)
    assert shown["contents"]["input"] == {"question": "When do you open?"}
    exported = leitstand("export", "--data", "data").out.splitlines()
    assert [json.loads(line)["case_id"] for line in exported] == [case["id"]]


def test_a_release_is_added_and_activated_through_the_server(
    leitstand: Leitstand, server: Server, tmp_path: Path
) -> None:
    before = server.ask("When do you open?")["release"]
    prompt = tmp_path / "mine" / "prompt.md"
    prompt.write_text(prompt.read_text() + "\nBe brief.\n")
    added = leitstand("release", "add", "mine", "--data", "data")
    digest = added.out.strip()
    assert (added.code, len(digest)) == (0, 64)
    assert server.ask("When do you open?")["release"] == before
    assert leitstand("release", "activate", digest[:12], "--data", "data").code == 0
    assert server.ask("When do you open?")["release"] == digest


def test_a_broken_folder_is_refused_through_the_server_and_the_old_release_serves(
    leitstand: Leitstand, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "mine" / "workflow.toml").write_text("name = ")
    refused = leitstand("release", "add", "mine", "--activate", "--data", "data")
    assert refused.code == 3
    assert "workflow.toml:1" in refused.err
    assert server.ask("When do you open?")["status"] in ("delivered", "review", "escalated")


def test_a_second_server_is_told_who_owns_the_file(leitstand: Leitstand, server: Server) -> None:
    refused = leitstand("serve", "--data", "data", "--port", "0")
    assert refused.code == 6
    assert server.address in refused.err


def test_a_stop_finishes_and_the_next_server_goes_on(leitstand: Leitstand, server: Server) -> None:
    case = server.ask("When do you open?")
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(20) == 0
    began = time.monotonic()
    assert leitstand("case", "show", case["id"], "--data", "data").code == 0
    assert time.monotonic() - began < 20


def test_a_folder_with_a_long_name_is_no_obstacle(leitstand: Leitstand, tmp_path: Path) -> None:
    assert leitstand("init", "mine", "--lang", "en").code == 0
    data = Path("/".join(["a" * 60] * 3))
    (tmp_path / data).mkdir(parents=True)
    command = [sys.executable, "-m", "leitstand.cli", "serve", "mine", "--data", str(data), "--port", str(free_port())]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, env={**os.environ, "LANG": "C"})
    assert process.stderr
    try:
        while b"serves" not in (line := process.stderr.readline()):
            assert line, "the server did not start"
        added = leitstand("release", "add", "mine", "--activate", "--data", data)
    finally:
        process.kill()
        process.communicate()
    assert added.code == 0, added.err
