"""Which pairs of questions mean the same, and which only look alike? Written by hand and multiplied by rule."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "tests/data/paraphrases"
TOPICS, FRESH = DATA / "topics.toml", DATA / "fresh.toml"
"""The pairs that rules and threshold were made with, and those that were judged once, when both stood."""

POLITE = {"de": ("Guten Tag, eine Frage: {} Vielen Dank!", "Bitte um Auskunft: {}"),
          "en": ("Hello, a question: {} Thank you!", "Please let me know: {}")}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two questions; ``kind`` is ``same``, or what makes the second another question.

    ``half`` is ``tuning`` or ``test``: all pairs of a topic, in both languages, are in one half.
    """

    half: str
    language: str
    kind: str
    one: str
    other: str


def pairs(path: Path = TOPICS) -> tuple[Pair, ...]:
    """All pairs, always in the same order."""
    topics = tomllib.loads(path.read_text("utf-8"))["topics"]
    return tuple(pair for place, topic in enumerate(topics) for pair in _pairs(place, topic))


def _pairs(place: int, topic: dict[str, Any]) -> Iterator[Pair]:
    half = "test" if place % 2 else "tuning"
    for language in ("de", "en"):
        for kind, one, other in _kinds(topic, language):
            yield Pair(half=half, language=language, kind=kind, one=one, other=other)


def _kinds(topic: dict[str, Any], language: str) -> Iterator[tuple[str, str, str]]:
    said, number, name = topic[language], topic["number"], topic["name"]
    asked, same = said["question"], said["same"]

    def fill(text: str, n: int = 0, who: int = 0) -> str:
        return text.replace("{n}", number[n]).replace("{name}", name[who])

    question = fill(asked)
    polite = POLITE[language]
    for other in (same[0], same[1], polite[0].format(asked), polite[1].format(same[0])):
        yield "same", question, fill(other)
    for other in (asked, same[0]):
        yield "number", question, fill(other, n=1)
        yield "name", question, fill(other, who=1)
    yield "negation", question, fill(said["negation"])
    yield "condition", question, fill(said["condition"])
