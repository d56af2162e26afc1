"""Which statement of a draft cites which passage, and where in the passage is its support?

The support is the cited sentence itself where the passage holds it word for word, else the sentence of the passage
that shares most of its words. It shows a reader where to look; whether a citation holds is what the guardrails say.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from leitstand.domain.sentences import Span, sentences

_BRACKET = re.compile(r"\[\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*\]")
_NUMBER = re.compile(r"\d{1,3}")
_WORD = re.compile(r"\w+")

ENOUGH = 0.35
"""Share of the statement's words that a sentence must hold to be shown as its support."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """One citation: its place in the draft, the passage it names (from 1), its support there, if any was found."""

    span: Span
    passage: int
    support: Span | None
    verbatim: bool


def citations(text: str, passages: Sequence[str]) -> tuple[Citation, ...]:
    """The citations of ``text`` in reading order; ``passages[0]`` is cited as [1]. Time grows with both."""
    found = []
    statements = sentences(text)
    for bracket in _BRACKET.finditer(text):
        inside = next((span for span in statements if span.start <= bracket.start() < span.end), Span(0, len(text)))
        statement = _BRACKET.sub(" ", text[inside.start : inside.end]).strip()
        numbers = list(_NUMBER.finditer(bracket.group()))
        for number in numbers:
            passage = int(number.group())
            known = passages[passage - 1] if 1 <= passage <= len(passages) else ""
            support, verbatim = find_support(statement, known)
            span = (
                bracket.span()
                if len(numbers) == 1
                else (bracket.start() + number.start(), bracket.start() + number.end())
            )
            found.append(Citation(span=Span(*span), passage=passage, support=support, verbatim=verbatim))
    return tuple(found)


def find_support(statement: str, passage: str) -> tuple[Span | None, bool]:
    """Where ``passage`` supports ``statement``, and whether it does so word for word."""
    words = [match.group() for match in _WORD.finditer(statement)]
    if not words:
        return None, False
    literal = re.compile(r"\W+".join(re.escape(word) for word in words)).search(passage)
    if literal:
        end = literal.end() + 1 if passage[literal.end() : literal.end() + 1] in (".", "!", "?") else literal.end()
        return Span(literal.start(), end), True
    wanted = {word.lower() for word in words if len(word) > 3} or {word.lower() for word in words}
    best = max(sentences(passage), key=lambda span: _shared(wanted, passage, span), default=None)
    return (best, False) if best and _shared(wanted, passage, best) >= ENOUGH else (None, False)


def _shared(wanted: set[str], passage: str, span: Span) -> float:
    held = {match.group().lower() for match in _WORD.finditer(passage, span.start, span.end)}
    return len(wanted & held) / len(wanted)
