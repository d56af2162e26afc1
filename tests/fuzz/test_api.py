"""The API is fuzzed from its own OpenAPI document: a real server, real SQLite, and afterwards nothing acknowledged is lost."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

SEED = 20261121
EXAMPLES = 25
"""Per operation and phase: a bit more than a minute on two cores."""

PERSON = "Fuzzer"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


def leitstand(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "leitstand.cli", *map(str, arguments)]


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server process on a free port; killed without warning at the end."""
    log = (folder / "server.log").open("ab")
    command = leitstand("serve", folder / "desk", "--data", folder / "data", "--port", "0")
    process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        yield _address(folder / "server.log", process, (folder / "server.log").stat().st_size), process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


def _address(log: Path, process: subprocess.Popen[bytes], begin: int) -> str:
    for _ in range(600):
        text = log.read_bytes()[begin:].decode()
        found = re.search(r"http://127\.0\.0\.1:\d+", text)
        if found:
            return found[0]
        assert process.poll() is None, text
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def get(url: str) -> dict:
    with urlopen(url, timeout=30) as reply:
        return json.load(reply)


def cases_of(url: str) -> set[str]:
    """The ids of all cases."""
    found, following = set(), ""
    while following is not None:
        page = get(f"{url}/v1/cases?limit=200{following}")
        found |= {case["id"] for case in page["cases"]}
        following = f"&before={page['next']}" if page["next"] else None
    return found


def acknowledged(har: Path) -> set[str]:
    """The ids in all answers to a POST of a case that were 200 or 201."""
    found = set()
    for entry in json.loads(har.read_text())["log"]["entries"]:
        opened = entry["request"]["method"] == "POST" and re.search(
            r"/v1/workflows/[^/]+/cases", entry["request"]["url"]
        )
        if opened and entry["response"]["status"] in (200, 201):
            found.add(json.loads(entry["response"]["content"]["text"])["id"])
    return found


def fuzz(url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run", f"{url}/openapi.json",
        "--checks", "all", "--seed", str(SEED), "--max-examples", str(EXAMPLES), "--generation-database", "none",
        "--request-timeout", "70", "--continue-on-failure", "--no-color", "--output-sanitize", "false",
        "--header", f"Leitstand-Person: {PERSON}", "--report-har-path", str(folder / "report.har"),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=420, check=False, cwd=folder)


@pytest.mark.timeout(600)
def test_nothing_in_its_own_openapi_breaks_the_server_and_nothing_acknowledged_is_lost(tmp_path: Path):
    subprocess.run(leitstand("init", tmp_path / "desk", "--template", "answer", "--lang", "en"), check=True)
    with server(tmp_path) as (url, process):
        body = urlencode({"name": PERSON}).encode()
        urlopen(Request(f"{url}/sign-in", data=body), timeout=30).close()
        result = fuzz(url, tmp_path)
        assert result.returncode == 0, result.stdout[result.stdout.find("= FAILURES") :] + result.stderr
        assert process.poll() is None
        seen = acknowledged(tmp_path / "report.har")
        assert cases_of(url) == seen
    generated = int(re.search(r"(\d+) generated", result.stdout)[1])  # type: ignore[index]
    assert generated > 300
    assert len(seen) > 20
    assert "broke with" not in (tmp_path / "server.log").read_text()
    with server(tmp_path) as (url, _):
        assert cases_of(url) == seen
    print(f"{generated} requests, {len(seen)} cases acknowledged, 0 lost after kill -9")
