"""What is known from a text once it was read: its words, pairs of words, numbers, dates, and what it denies?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from leitstand.language.facts import canonical_number, known_values
from leitstand.language.words import Word, carries_content, is_negation, words

_NEAR = 2
_AROUND = 4
"""Content words looked at on each side of a negation: in a statement, and in its source."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A text as the set of what it says.

    ``content`` holds the stems of its content words in order, numbers in canonical form, ``pairs`` neighbours among them, ``values`` its numbers and dates in
    canonical form; ``denials`` the content stems near each negation, ``denials_around`` those in a wider circle.
    """

    language: str
    found: tuple[Word, ...]
    folded: frozenset[str]
    stems: frozenset[str]
    content: tuple[str, ...]
    pairs: frozenset[tuple[str, str]]
    values: frozenset[str]
    denials: tuple[frozenset[str], ...]
    denials_around: tuple[frozenset[str], ...]


def read(text: str, language: str) -> Reading:
    """Read ``text`` as German or English."""
    found = words(text, language)
    content: list[str] = []
    denied: list[int] = []
    for word in found:
        if is_negation(word, language):
            denied.append(len(content))
        elif carries_content(word, language):
            content.append(number_or_stem(word))
    return Reading(
        language=language,
        found=tuple(found),
        folded=frozenset(word.folded for word in found),
        stems=frozenset(word.stem for word in found) | frozenset(content),
        content=tuple(content),
        pairs=frozenset(zip(content, content[1:], strict=False)),
        values=known_values(text),
        denials=_circles(content, denied, _NEAR),
        denials_around=_circles(content, denied, _AROUND),
    )


def number_or_stem(word: Word) -> str:
    """What stands for a word in comparisons: its canonical number, else its stem."""
    return canonical_number(word.folded) or word.stem


@lru_cache(maxsize=1024)
def read_source(text: str, language: str) -> Reading:
    """``read``, remembered: the same passages are read for case after case. Never give it the content of a case."""
    return read(text, language)


def _circles(content: Sequence[str], places: Sequence[int], width: int) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(content[max(0, place - width) : place + width]) for place in places)
