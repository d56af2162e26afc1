"""Which instructions does a Dockerfile consist of, stage by stage?"""

import re
import shlex
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """A word such as ``RUN`` and what follows it, continued lines joined."""

    word: str
    text: str


KNOWN = {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "STOPSIGNAL", "ENTRYPOINT", "CMD"}


def instructions(text: str) -> list[Instruction]:
    """The instructions in order; a word that we do not use is an error."""
    without_comments = "\n".join(line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    found = []
    for line in without_comments.replace("\\\n", " ").splitlines():
        word, _, rest = line.partition(" ")
        assert word in KNOWN, f"{word} is not used here"
        found.append(Instruction(word=word, text=re.sub(r"\s+", " ", rest).strip()))
    return found


def stages(text: str) -> list[list[Instruction]]:
    """The instructions of each stage, beginning with its FROM."""
    found: list[list[Instruction]] = []
    for each in instructions(text):
        if each.word == "FROM":
            found.append([])
        if found:
            found[-1].append(each)
    return found


def variables(stage: list[Instruction]) -> dict[str, str]:
    """What ENV sets in a stage."""
    pairs = (pair for each in stage if each.word == "ENV" for pair in shlex.split(each.text))
    return dict(pair.split("=", 1) for pair in pairs)
