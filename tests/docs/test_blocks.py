"""Is every code block of the documentation true? Each page is read from top to bottom in a folder of its own."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tests.docs.pages import ROOT, Block, blocks, pages
from tests.docs.shell import Command, Shell, commands, fits

from leitstand.definition.schema import schema_of
from leitstand.domain.workflow import Workflow
from leitstand.drill.scenario import Scenario

SHOWN_ONLY = {
    "make demo": "tests/acceptance/test_make_demo.py runs it in a fresh copy",
    "make test": "it is what runs this test",
    "make check": "runs beside the tests; its parts are tests of their own",
    "make chaos": "takes an hour; a seeded part of it is a test",
    "make bench": "takes minutes; its parts have tests",
    "make lock": "would change the locks",
}
"""Commands that a page may show and this test does not run, each with where it is run instead."""

ANOTHER_MACHINE = {
    "sudo": "the unit is held to systemd-analyze in tests/deploy/test_unit.py",
    "docker": "tests/deploy/test_image.py and test_compose.py",
    "kubectl": "tests/deploy/test_kubernetes.py, and test_page.py for what the commands name",
    "deploy/compose/secrets.sh": "tests/deploy/test_compose.py runs it",
    "pg_dump": "tests/deploy/test_backup.py runs it",
    "pg_restore": "tests/deploy/test_backup.py runs it",
    "psql": "tests/deploy/test_backup.py runs it",
}
"""Programs that act on a machine, a cluster or a database that a page's shell does not have, each with its test."""

WRITTEN = ROOT / "docs" / "reference"
"""Pages written by tools/reference.py, whose ``text`` blocks are held equal to the code by test_reference.py."""


def readable() -> list[Path]:
    return [path for path in pages() if blocks(path.read_text(encoding="utf-8"))]


def optional(schema: Any) -> Any:
    """The schema with nothing required, for fragments."""
    if isinstance(schema, dict):
        return {name: optional(value) for name, value in schema.items() if name != "required"}
    return [optional(item) for item in schema] if isinstance(schema, list) else schema


def read_toml(code: str) -> None:
    """A block of TOML must be a project's, or fit ``workflow.toml`` or a drill scenario."""
    content = tomllib.loads(code)
    if not {"project", "tool"} & set(content):
        kind = Scenario if {"inject", "expect"} & set(content) else Workflow
        jsonschema_rs.validate(optional(schema_of(kind)), content)


def try_command(shell: Shell, command: Command) -> None:
    if command.text in SHOWN_ONLY or command.text.split(maxsplit=1)[0] in ANOTHER_MACHINE:
        return
    code, printed = shell.run(command.text)
    assert code == 0, f"$ {command.text}\n{printed}"
    shown = shell.adapted(command.shown)
    assert fits(shown, printed), f"$ {command.text}\nshown:\n{shown}\nprinted:\n{printed}"


def run_python(shell: Shell, code: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", shell.adapted(code)],
        cwd=shell.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def read_block(shell: Shell, block: Block) -> None:
    """A block with a file name is written to that file; one without is run or parsed."""
    match block.language:
        case "toml":
            read_toml(block.code)
        case "json":
            json.loads(block.code)
        case "console":
            for command in commands(block.code):
                try_command(shell, command)
        case "sh":
            try_command(shell, Command(text=block.code.rstrip("\n"), shown=""))
        case "python" if not block.file:
            run_python(shell, block.code)
        case "python" | "markdown" | "jinja":
            assert block.file, "without a file name nothing is done with this block"
        case other:
            pytest.fail(f"line {block.line}: nothing can run a block of the language '{other}'")
    if block.file:
        path = shell.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shell.adapted(block.code), encoding="utf-8")


@pytest.mark.parametrize("page", readable(), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_shows_what_happens(page: Path, tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        for block in blocks(page.read_text(encoding="utf-8")):
            if block.language == "text" and page.parent == WRITTEN:
                continue
            read_block(shell, block)


def test_the_readme_shows_the_two_commands_first() -> None:
    first = blocks((ROOT / "README.md").read_text(encoding="utf-8"))[0]
    assert "make demo" in first.code
    assert "make test" in first.code


@pytest.mark.parametrize(
    ("shown", "printed", "fit"),
    [
        ("", "anything", True),
        ("one\n...\nfour", "one\ntwo\nthree\nfour\n", True),
        ("took ... s", "took 3.1 s  ", True),
        ("one", "one\ntwo", False),
        ("a.c", "abc", False),
    ],
)
def test_output_is_compared(shown: str, printed: str, fit: bool) -> None:
    assert fits(shown, printed) is fit


@pytest.mark.parametrize(
    "text",
    [
        "```console\n$ false\n```\n",
        "```console\n$ echo one\ntwo\n```\n",
        "```python\nraise SystemExit(1)\n```\n",
        "```json\n{\n```\n",
        "```toml\nnonsense = 1\n```\n",
        "```toml\n[budget]\nper_case = 'five'\n```\n",
        "```\nwhat is this\n```\n",
    ],
)
def test_an_untrue_block_is_noticed(text: str, tmp_path: Path) -> None:
    [block] = blocks(text)
    with Shell(tmp_path) as shell, pytest.raises((AssertionError, ValueError, pytest.fail.Exception)):
        read_block(shell, block)


def test_blocks_are_found_with_their_file_and_place() -> None:
    text = "A\n\n1. first\n\n   ```toml pyproject.toml\n   [tool]\n   ```\n\n```sh\nls\n```\n"
    assert blocks(text) == [
        Block(language="toml", file="pyproject.toml", code="[tool]\n", line=5),
        Block(language="sh", file="", code="ls\n", line=9),
    ]


def test_an_open_fence_is_noticed() -> None:
    with pytest.raises(ValueError, match="not closed"):
        blocks("```sh\nls\n")
