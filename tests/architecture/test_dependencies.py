"""Does the package import only what it declares, and are the locks complete, hashed and free of addresses?"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def plain_name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~;\[]", requirement)[0]).lower()


def declared() -> set[str]:
    extras = [requirement for group in PROJECT["optional-dependencies"].values() for requirement in group]
    return {plain_name(requirement) for requirement in (*PROJECT["dependencies"], *extras)}


def imported(path: Path) -> Iterator[str]:
    """Top-level names of everything a module imports, absolute imports only."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def test_the_package_imports_only_what_it_declares() -> None:
    providers = packages_distributions()
    strangers = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / "src").rglob("*.py")
        for name in imported(path)
        if name not in sys.stdlib_module_names
        and name != "leitstand"
        and not {plain_name(provider) for provider in providers.get(name, ())} & declared()
    }
    # pytest comes in only where contract tests are inherited
    assert {stranger for stranger in strangers if "/testing/" not in stranger} == set()


def entries(lock: str) -> dict[str, str]:
    """Each pinned requirement of a lock and the lines that follow it."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {line.split("--hash")[0].strip(): line for line in lines}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_package_with_hashes_and_names_no_address(lock: str) -> None:
    pinned = entries(lock)
    assert all("==" in requirement and "--hash=sha256:" in line for requirement, line in pinned.items())
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")
    assert not [requirement for requirement in pinned if re.match(r"(torch|nvidia|jax|tensorflow)\b", requirement)]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_every_declared_dependency(lock: str) -> None:
    pinned = {plain_name(requirement) for requirement in entries(lock)}
    wanted = {plain_name(requirement) for requirement in PROJECT["dependencies"]}
    assert wanted <= pinned


def test_both_locks_pin_the_same_versions() -> None:
    core, everything = ({requirement.split(";")[0].strip() for requirement in entries(lock)} for lock in LOCKS)
    assert core <= everything
