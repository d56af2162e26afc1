"""Do names say what things are, and does no tracked file name a machine, a registry or a folder outside the project?"""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEANINGLESS = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc", "tools", "lib"}

OUTSIDE = "shared"
"""A folder that may lie beside the checkout on some machine; the project must not know it."""

ELSEWHERE = re.compile(
    rf"""(?x)
    \.\./{OUTSIDE}\b | /root/ | {re.escape(str(ROOT))}\b | {re.escape(str(Path.home()))}/
    | (?:pypi|npmjs|registry|pythonhosted|debian)\.(?:org|com|net)/
    | --(?:extra-)?index-url | --find-links | (?:PIP|UV)_\w*INDEX
    """
)
"""Paths of one machine, and addresses from which packages come."""

SPEAKS_OF_THEM = {"tests/architecture/test_names.py"}
"""This file has to name what it looks for."""


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout.split("\0")
    return [name for name in listed if name and (ROOT / name).is_file()]


def traces(text: str) -> list[str]:
    return [match.group(0) for match in ELSEWHERE.finditer(text)]


def modules() -> list[Path]:
    return sorted((ROOT / "src").rglob("*.py"))


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [path for path in modules() if path.stem in MEANINGLESS or path.parent.name in MEANINGLESS]


def test_every_module_begins_with_the_question_it_answers() -> None:
    silent = [
        path.relative_to(ROOT)
        for path in modules()
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent


def test_only_the_settings_read_the_environment() -> None:
    reads = re.compile(r"\bos\.(?:environ|getenv)|\bfrom os import .*(?:environ|getenv)")
    places = {str(path.relative_to(ROOT)) for path in modules() if reads.search(path.read_text(encoding="utf-8"))}
    assert places <= {"src/leitstand/settings.py"}


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    found = {}
    for name in tracked():
        raw = (ROOT / name).read_bytes()
        if b"\0" not in raw and name not in SPEAKS_OF_THEM and (hits := traces(raw.decode(errors="replace"))):
            found[name] = hits[:3]
    assert not found


@pytest.mark.parametrize(
    "text",
    [f"see ../{OUTSIDE}/design", f"cd {ROOT}", f"{Path.home()}/.cache", "--extra-index-url x", "at pypi.org/simple"],
)
def test_a_trace_of_elsewhere_is_found(text: str) -> None:
    assert traces(text)


@pytest.mark.parametrize("text", ["the network of the case", "framework/", "/var/lib/leitstand", "homework"])
def test_innocent_text_is_left_alone(text: str) -> None:
    assert not traces(text)
