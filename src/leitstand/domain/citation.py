"""How does a draft cite a passage, and which numbers does one mark name?"""

import re

CITATION = re.compile(r"\[[ \t]{0,3}\d{1,6}(?:[ \t]{0,3}[,;–-][ \t]{0,3}\d{1,6}){0,30}[ \t]{0,3}\]")
"""A mark as ``[1]``, ``[1, 2]`` or ``[1-3]``."""

_PART = re.compile(r"(?P<first>\d+)(?:[ \t]*[–-][ \t]*(?P<last>\d+))?")
_WIDEST_RANGE = 50


def numbers_of(mark: str) -> list[int]:
    """Passage numbers in a mark: ``[1]``, ``[1, 2]``, ``[1-3]``; ranges are cut at fifty."""
    numbers: list[int] = []
    for part in _PART.finditer(mark):
        first = int(part["first"])
        last = int(part["last"] or first)
        numbers.extend(range(first, min(last, first + _WIDEST_RANGE) + 1) if last >= first else (first, last))
    return numbers
