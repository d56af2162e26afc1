"""Which pages are there for readers, and which code blocks do they show?"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<code>.*?)^(?P=indent)```[ ]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block: its language, the file name after it if any, its text, the line it begins on."""

    language: str
    file: str
    code: str
    line: int


def pages() -> list[Path]:
    """Every page, reference included; decisions too, for a block there would also be read as true."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page in order; a fence that is never closed is an error."""
    if len(re.findall(r"^ *```", text, re.MULTILINE)) % 2:
        raise ValueError("a fence is not closed")
    found = []
    for match in FENCE.finditer(text):
        language, _, file = match["info"].strip().partition(" ")
        lines = (line.removeprefix(match["indent"]) for line in match["code"].splitlines())
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(language=language, file=file.strip(), code="\n".join(lines) + "\n", line=line))
    return found
