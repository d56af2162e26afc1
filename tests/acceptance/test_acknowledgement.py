"""Does an acknowledgement ever leave before the disk has the case? The system calls of the real server tell."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from leitstand.testing.ports import free_port

REQUESTS = 25
WORKFLOW = Path(__file__).parents[1] / "chaos" / "workflow"
CALL = re.compile(r"^(?P<thread>\d+) +(?:(?P<name>\w+)\(|<\.\.\. (?P<resumed>\w+) resumed>)(?P<rest>.*)$")


@pytest.mark.alone
def test_no_acknowledgement_leaves_before_its_fdatasync(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "calls"
    tracing = [
        "strace",
        "-f",
        "-y",
        "-s",
        "40",
        "-e",
        "trace=fdatasync,fsync,write,writev,sendto,sendmsg,read,recvfrom",
    ]
    command = [sys.executable, "-m", "leitstand.cli", "serve", str(prepared(tmp_path)), "--port", str(port)]
    traced = [*tracing, "-o", str(log), *command, "--data", str(tmp_path / "data")]
    with subprocess.Popen(traced, start_new_session=True) as server:
        try:
            send_requests(port)
        finally:
            os.killpg(server.pid, signal.SIGTERM)
    assert acknowledged_after_sync(log.read_text(errors="replace").splitlines()) == REQUESTS


def prepared(folder: Path) -> Path:
    """The workflow of the chaos run, its outputs left for the caller."""
    copy = folder / "workflow"
    shutil.copytree(WORKFLOW, copy)
    text = (copy / "workflow.toml").read_text()
    (copy / "workflow.toml").write_text(re.sub(r'kind = "webhook"\nurl = .*', 'kind = "caller"', text))
    return copy


def send_requests(port: int) -> None:
    """One case after another over one connection, each acknowledged before the next."""
    wait_until_served(port)
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        for number in range(REQUESTS):
            body = json.dumps({"input": {"question": "When does the harbour close?", "number": number}})
            connection.request("POST", "/v1/workflows/chaos/cases", body, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            assert reply.status == 201, reply.read()
            reply.read()
            time.sleep(0.3)


def wait_until_served(port: int) -> None:
    """Return when somebody listens; the workflow is active then."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server never came up")


def acknowledged_after_sync(lines: list[str]) -> int:
    """How many acknowledgements were written after a sync of the journal that ended since their request was read.

    Fails on the first that was not.
    """
    synced, asked, count = False, False, 0
    for line in lines:
        if "POST /v1/workflows/chaos/cases" in line:
            asked, synced = True, False
        elif asked and ended_sync(line):
            synced = True
        elif asked and re.search(r'"HTTP/1\.1 20[12]', line):
            assert synced, f"acknowledged before its sync: {line}"
            count, asked = count + 1, False
    return count


def ended_sync(line: str) -> bool:
    """Whether a sync of the database or its journal ended with success on this line."""
    match = CALL.match(line)
    if not match:
        return False
    name = match["name"] or match["resumed"]
    of_database = match["resumed"] is not None or "leitstand.db" in line
    return name in ("fdatasync", "fsync") and of_database and line.rstrip().endswith("= 0")
