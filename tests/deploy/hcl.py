"""Is a text well-formed HCL, and which blocks and references does it hold? Meaning is left to Terraform."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?x)
    (?P<space>   [ \t\n]+ | \#[^\n]* )
  | (?P<string>  " (?: \\. | \$\{ [^{}"]* (?: "[^"]*" [^{}"]* )* \} | [^"\\\n] )* " )
  | (?P<number>  \d+(?:\.\d+)? )
  | (?P<name>    [A-Za-z_][\w-]* )
  | (?P<mark>    => | == | != | >= | <= | && | \|\| | \.\.\. | [{}()\[\]=,.:?!<>+*/%-] )
    """
)
PAIRS = {"}": "{", ")": "(", "]": "["}
BLOCK = re.compile(r'^(?P<kind>\w+)(?P<labels>(?: "[^"]+")*) \{$', re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block at the top of a file: its kind, its labels, its text."""

    kind: str
    labels: tuple[str, ...]
    text: str


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each token; raises ``ValueError`` with the line at which nothing fits."""
    place = 0
    while place < len(text):
        match = TOKEN.match(text, place)
        if not match:
            raise ValueError(f"line {text.count(chr(10), 0, place) + 1}: {text[place : place + 20]!r}")
        yield str(match.lastgroup), match[0]
        place = match.end()


def check(text: str) -> None:
    """Raise ``ValueError`` unless every character belongs to a token and every bracket is closed by its own."""
    open_brackets: list[str] = []
    for kind, token in tokens(text):
        if kind == "mark" and token in PAIRS.values():
            open_brackets.append(token)
        elif kind == "mark" and token in PAIRS and (not open_brackets or open_brackets.pop() != PAIRS[token]):
            raise ValueError(f"{token} closes nothing")
    if open_brackets:
        raise ValueError(f"{open_brackets[-1]} is never closed")


def blocks(text: str) -> list[Block]:
    """The blocks at the top of a formatted file, each ended by a brace at the beginning of a line."""
    found = []
    for match in BLOCK.finditer(text):
        end = text.index("\n}\n", match.end())
        labels = tuple(re.findall(r'"([^"]+)"', match["labels"]))
        found.append(Block(kind=match["kind"], labels=labels, text=text[match.end() : end]))
    return found


def references(text: str, kind: str) -> set[str]:
    """Names after ``kind.``, as in ``var.image``."""
    code = re.sub(r"(?m)^\s*#.*$", "", text)
    return set(re.findall(rf"(?<![\w.]){kind}\.(\w[\w-]*)", code))
