"""The API is fuzzed from its own OpenAPI document: a real server, real SQLite, and nothing acknowledged is lost."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from tests.web.processes import leitstand, server

SEED = 20261121
EXAMPLES = 25
"""Per operation and phase: a bit more than a minute on two cores."""

PERSON = "Fuzzer"
STOPS = "^/v1/stops"
"""Fuzzed by itself: while everything is stopped, whoever waits for a case waits until its time is over."""

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


def acknowledged(har: Path) -> set[str]:
    """The ids in all answers to a POST of a case that were 200 or 201, and in the header of all chat completions."""
    found = set()
    for entry in json.loads(har.read_text())["log"]["entries"]:
        headers = {header["name"].lower(): header["value"] for header in entry["response"]["headers"]}
        if "leitstand-case" in headers:
            found.add(headers["leitstand-case"])
        opened = entry["request"]["method"] == "POST" and re.search(
            r"/v1/workflows/[^/]+/cases", entry["request"]["url"]
        )
        if opened and entry["response"]["status"] in (200, 201):
            found.add(json.loads(entry["response"]["content"]["text"])["id"])
    return found


def fuzz(url: str, report: Path, *selection: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run", f"{url}/openapi.json",
        "--checks", "all", "--seed", str(SEED), "--max-examples", str(EXAMPLES), "--generation-database", "none",
        "--request-timeout", "70", "--continue-on-failure", "--no-color", "--output-sanitize", "false",
        "--header", f"Leitstand-Person: {PERSON}", "--report-har-path", str(report), *selection,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=420, check=False, cwd=report.parent)


def said(result: subprocess.CompletedProcess[str]) -> str:
    """What failed."""
    return result.stdout[result.stdout.find("= FAILURES") :] + result.stderr


@pytest.mark.timeout(600)
def test_nothing_in_its_own_openapi_breaks_the_server_and_nothing_acknowledged_is_lost(tmp_path: Path):
    desk, data = tmp_path / "desk", tmp_path / "data"
    subprocess.run(leitstand("init", desk, "--template", "answer", "--lang", "en"), check=True)
    with server(desk, data) as running:
        body = urlencode({"name": PERSON}).encode()
        urlopen(Request(f"{running.url}/sign-in", data=body), timeout=30).close()
        result = fuzz(running.url, tmp_path / "report.har", "--exclude-path-regex", STOPS)
        assert result.returncode == 0, said(result)
        assert running.process.poll() is None
        seen = acknowledged(tmp_path / "report.har")
        assert running.cases() == seen
        stopped = fuzz(running.url, tmp_path / "stops.har", "--include-path-regex", STOPS)
        assert stopped.returncode == 0, said(stopped)
        assert "broke with" not in running.log.read_text()
    generated = int(re.search(r"(\d+) generated", result.stdout)[1])  # type: ignore[index]
    assert generated > 300
    assert len(seen) > 20
    with server(desk, data) as running:
        assert running.cases() == seen
    print(f"{generated} requests, {len(seen)} cases acknowledged, 0 lost after kill -9")
