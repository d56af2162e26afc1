"""What is known from a text once it was read: its words, pairs of words, numbers, dates, and what it denies?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from leitstand.domain.sentences import sentences
from leitstand.language.facts import canonical_number, known_values
from leitstand.language.words import Word, carries_content, is_negation, words

Pair = tuple[str, str]
"""Neighbouring content words; ``""`` stands for the beginning and the end of a sentence."""

_NEAR = 2
_AROUND = 4
"""Content words looked at on each side of a negation: in a statement, and in its source."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A text as the set of what it says.

    ``content`` holds the stems of its content words in order, numbers in canonical form; ``pairs`` neighbours among
    them; ``values`` its numbers and dates in canonical form. Inside sentences, ``affirmed`` are neighbours without
    and ``denied`` those with a negation between them; ``lines`` is the content sentence by sentence; ``denials`` the
    content near each negation, ``denials_around`` that in a wider circle.
    """

    language: str
    found: tuple[Word, ...]
    folded: frozenset[str]
    stems: frozenset[str]
    content: tuple[str, ...]
    pairs: frozenset[Pair]
    values: frozenset[str]
    affirmed: frozenset[Pair]
    denied: frozenset[Pair]
    lines: tuple[tuple[str, ...], ...]
    denials: tuple[frozenset[str], ...]
    denials_around: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """Content stems of a sentence, and before which of them a negation stands."""

    content: list[str]
    negated: list[int]


def read(text: str, language: str) -> Reading:
    """Read ``text`` as German or English."""
    found = words(text, language)
    parts = _split(text, found, language)
    content = tuple(stem for part in parts for stem in part.content)
    affirmed, denied = _neighbours(parts)
    return Reading(
        language=language,
        found=tuple(found),
        folded=frozenset(word.folded for word in found),
        stems=frozenset(word.stem for word in found) | frozenset(content),
        content=content,
        pairs=frozenset(pairwise(content)),
        values=known_values(text),
        affirmed=affirmed,
        denied=denied,
        lines=tuple(tuple(part.content) for part in parts),
        denials=_circles(parts, _NEAR),
        denials_around=_circles(parts, _AROUND),
    )


@lru_cache(maxsize=1024)
def read_source(text: str, language: str) -> Reading:
    """``read``, remembered: the same passages are read for case after case. Never give it the content of a case."""
    return read(text, language)


def number_or_stem(word: Word) -> str:
    """What stands for a word in comparisons: its canonical number, else its stem."""
    return canonical_number(word.folded) or word.stem


def _split(text: str, found: Sequence[Word], language: str) -> list[_Sentence]:
    ends = [span.end for span in sentences(text)] or [len(text)]
    parts = [_Sentence([], [])]
    for word in found:
        while len(parts) < len(ends) and word.start >= ends[len(parts) - 1]:
            parts.append(_Sentence([], []))
        if is_negation(word, language):
            parts[-1].negated.append(len(parts[-1].content))
        elif carries_content(word, language):
            parts[-1].content.append(number_or_stem(word))
    return parts


def _neighbours(parts: Sequence[_Sentence]) -> tuple[frozenset[Pair], frozenset[Pair]]:
    """Neighbours inside sentences: those with nothing between them, and those with a negation."""
    affirmed: set[Pair] = set()
    denied: set[Pair] = set()
    for part in parts:
        for place, pair in enumerate(pairwise(["", *part.content, ""]) if part.content else ()):
            (denied if place in part.negated else affirmed).add(pair)
    return frozenset(affirmed), frozenset(denied)


def _circles(parts: Sequence[_Sentence], width: int) -> tuple[frozenset[str], ...]:
    """The content around each negation, not beyond its sentence."""
    return tuple(
        frozenset(part.content[max(0, place - width) : place + width]) for part in parts for place in part.negated
    )
