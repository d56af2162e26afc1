"""Are the import contracts kept, and does each of them notice a violation?"""

import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / ".importlinter"
LINT = Path(sys.executable).with_name("lint-imports")

VIOLATIONS = {
    "layers": [("newcomer/__init__.py", ""), ("domain/errors.py", "from leitstand import ports")],
    "domain-order": [
        ("domain/newcomer.py", ""),
        ("domain/workflow.py", "from leitstand.domain import case"),
    ],
    "domain-pure": [("domain/case.py", "import time"), ("domain/review.py", "import msgspec")],
    "ports-plain": [("ports.py", "import starlette.requests")],
    "outside-world": [("runtime/newcomer.py", "import sqlite3"), ("cli/newcomer.py", "import uvicorn")],
    "extensions-apart": [("providers/newcomer.py", "from leitstand import guardrails")],
    "extensions-by-name": [
        ("runtime/newcomer.py", "from leitstand import providers"),
        ("web/newcomer.py", "from leitstand.stores import sqlite"),
    ],
    "no-cycles": [
        ("runtime/newcomer.py", "from leitstand.runtime import newcomers_friend"),
        ("runtime/newcomers_friend.py", "from leitstand.runtime import newcomer"),
    ],
}
"""What is planted per contract, as (file, line); each line alone must break it, but a cycle, which takes both."""

NEEDS_ALL = {"no-cycles"}


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    wanted = [part for contract in contracts for part in ("--contract", contract)]
    return subprocess.run(
        [str(LINT), "--config", str(folder / CONFIG.name), "--no-cache", "--no-logo", *wanted],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def contracts() -> set[str]:
    config = ConfigParser()
    config.read(CONFIG)
    return {section.rpartition(":")[2] for section in config.sections() if ":contract:" in section}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the package, of the contracts and of their types, in which violations may be planted."""
    only_python = shutil.ignore_patterns(
        "*.html", "*.js", "*.css", "*.md", "*.json*", "*.po", "*.mo", "__pycache__", "*.svg"
    )
    shutil.copytree(ROOT / "src" / "leitstand", tmp_path / "leitstand", ignore=only_python)
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "import_contracts.py", tmp_path / "tools")
    shutil.copy(CONFIG, tmp_path)
    return tmp_path


def plant(house: Path, file: str, line: str) -> None:
    path = house / "leitstand" / file
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as stream:
        stream.write(f"\n{line}\n")


def test_all_contracts_are_kept_and_each_has_a_violation_to_plant() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(contracts())} kept, 0 broken" in result.stdout
    assert contracts() == set(VIOLATIONS)


@pytest.mark.parametrize(
    ("contract", "planted"),
    [
        (contract, group)
        for contract, lines in VIOLATIONS.items()
        for group in ([lines] if contract in NEEDS_ALL else [[line] for line in lines])
    ],
    ids=lambda value: value if isinstance(value, str) else value[0][0],
)
def test_a_planted_violation_breaks_its_contract(house: Path, contract: str, planted: list[tuple[str, str]]) -> None:
    for file, line in planted:
        plant(house, file, line)
    result = lint(house, contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "0 kept, 1 broken" in result.stdout
    assert Path(planted[0][0]).stem.removeprefix("__init__") in result.stdout
