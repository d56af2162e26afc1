"""Does a newcomer who has Python and make, and types ``make demo``, see the page in time?"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALLING = 90
STARTING = 20
"""Seconds that a newcomer waits at most."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh copy of everything that is under version control, without an environment."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.split("\0"):
        if name and (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def demo(checkout: Path) -> Iterator[subprocess.Popen[str]]:
    """``make demo`` on a free port; it is interrupted at the end, as with Ctrl+C."""
    python = Path(sys.base_prefix) / "bin" / "python3"
    environment = {**os.environ, "LEITSTAND_LANGUAGE": "en", "HOME": str(checkout), "PYTHONUNBUFFERED": "1"}
    environment.pop("VIRTUAL_ENV", None)
    process = subprocess.Popen(
        ["make", "demo", f"PYTHON={python}", "ARGS=--port 0"],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        yield process
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)


def lines_until(process: subprocess.Popen[str], pattern: str) -> tuple[str, float]:
    """The first match of a pattern in what the process prints, and the seconds it took."""
    start, seen = time.monotonic(), ""
    for line in process.stdout or ():
        seen += line
        if match := re.search(pattern, line):
            return match[1], time.monotonic() - start
    raise AssertionError(f"{pattern} never came:\n{seen}")


@pytest.mark.alone
def test_a_newcomer_sees_the_page_in_time(demo: subprocess.Popen[str]) -> None:
    _, installing = lines_until(demo, r"Installed in (\d+) s")
    address, starting = lines_until(demo, r"(http://127\.0\.0\.1:\d+)")
    with urllib.request.urlopen(address, timeout=10) as answer:
        page = answer.read().decode()
    assert "<main" in page
    assert installing <= INSTALLING, f"installing took {installing:.0f} s"
    assert starting <= STARTING, f"starting took {starting:.0f} s"
    print(f"installed in {installing:.1f} s, page after {starting:.1f} s")
