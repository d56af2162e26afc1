"""Which series does a PromQL expression ask for? Read with a few patterns: enough for selectors and grouping labels."""

import re
from dataclasses import dataclass

SELECTOR = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)\s*(?P<what>\(|\{[^}]*\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
WORDS = {"and", "or", "unless", "by", "on", "offset", "bool", "group_left", "group_right", "without", "ignoring"}


@dataclass(frozen=True, kw_only=True)
class Selector:
    """A metric with its matchers as (label, operator, value)."""

    name: str
    matchers: tuple[tuple[str, str, str], ...]


def selectors(expression: str) -> list[Selector]:
    """Every metric that is asked for."""
    plain = re.sub(r"\[[^\]]*\]", "", GROUPING.sub(" ", expression))
    return [
        Selector(name=found["name"], matchers=tuple(MATCHER.findall(found["what"] or "")))
        for found in SELECTOR.finditer(plain)
        if found["what"] != "(" and found["name"] not in WORDS and not _is_in_number(plain, found.start())
    ]


def grouping(expression: str) -> set[str]:
    """Every label that results are grouped or joined by."""
    return {label.strip() for _, labels in GROUPING.findall(expression) for label in labels.split(",") if label.strip()}


def _is_in_number(text: str, place: int) -> bool:
    """Whether a name is the exponent of a number, as in ``1e9``."""
    return place > 0 and text[place - 1].isdigit()
