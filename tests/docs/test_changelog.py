"""Do the fragments of the changelog add up to a text for readers?"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.pages import ROOT

FRAGMENTS = sorted(path for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md")
NAME = re.compile(r"\+?[a-z0-9-]+\.(added|changed|fixed|security)\.md")


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_is_named_and_written_as_agreed(fragment: Path) -> None:
    assert NAME.fullmatch(fragment.name)
    text = fragment.read_text(encoding="utf-8").strip()
    assert text.endswith(".")
    assert "\n" not in text


def test_the_fragments_become_a_changelog() -> None:
    built = subprocess.run(
        [str(Path(sys.executable).with_name("towncrier")), "build", "--draft", "--version", "next"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert built.stdout.count("\n- ") == len(FRAGMENTS)
