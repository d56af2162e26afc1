"""How is a real server started in a process of its own, and killed without warning?"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

PATIENCE = 60.0
"""Seconds until a server has added its workflow and answers."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server process: where it answers, and what it wrote."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def cases(self) -> set[str]:
        """The ids of all cases."""
        found, following = set(), ""
        while following is not None:
            page = get(f"{self.url}/v1/cases?limit=200{following}")
            found |= {case["id"] for case in page["cases"]}
            following = f"&before={page['next']}" if page["next"] else None
        return found


def get(url: str) -> dict:
    with urlopen(url, timeout=30) as reply:
        return json.load(reply)


def leitstand(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "leitstand.cli", *map(str, arguments)]


@contextmanager
def server(workflow: Path, data: Path, *more: Path) -> Iterator[Server]:
    """A server of these workflows on a free port, its data in ``data``; killed without warning at the end."""
    log = data.with_suffix(".log")
    with log.open("wb") as written:
        process = subprocess.Popen(
            leitstand("serve", workflow, *more, "--data", data, "--port", "0"),
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    try:
        yield Server(url=_address(log, process), process=process, log=log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        if found:
            return found[0]
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())
