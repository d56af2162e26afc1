"""What is known from a text once it was read: its words, pairs of words, numbers, dates, and what it denies?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, pairwise

from leitstand.domain.sentences import Span, sentences
from leitstand.language.facts import Fact, canonical_number, facts, known_values
from leitstand.language.names import capitalised
from leitstand.language.words import Form, Word, forms, words

Pair = tuple[str, str]
"""Neighbouring content words; ``""`` stands for the beginning and the end of a sentence."""

_NEAR = 2
_AROUND = 4
"""Content words looked at on each side of a negation: in a statement, and in its source."""


@dataclass(frozen=True, slots=True)
class _Spoken:
    """Content stems of a sentence, and before which of them a negation stands."""

    content: tuple[str, ...]
    negated: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A text as the set of what it says, each part worked out when it is asked for first.

    Most sources are asked for little more than their stems; reading them as a whole took most of the time of a check.
    """

    text: str
    language: str
    spans: tuple[Span, ...]
    sentences: tuple[tuple[Form, ...], ...]

    @cached_property
    def found(self) -> tuple[Word, ...]:
        """Its words with their places."""
        return tuple(words(self.text, self.language))

    @cached_property
    def folded(self) -> frozenset[str]:
        """Its words without case."""
        return frozenset([form.folded for form in chain(*self.sentences)])

    @cached_property
    def stems(self) -> frozenset[str]:
        """Stems of all its words, and its content."""
        return frozenset([form.stem for form in chain(*self.sentences)]).union(self.content)

    @cached_property
    def content(self) -> tuple[str, ...]:
        """Stems of its content words in order, numbers in canonical form."""
        return tuple(chain(*self.lines))

    @cached_property
    def pairs(self) -> frozenset[Pair]:
        """Neighbours among the content."""
        return frozenset(pairwise(self.content))

    @cached_property
    def values(self) -> frozenset[str]:
        """Its numbers and dates in canonical form."""
        return known_values(self.text)

    @cached_property
    def stated(self) -> tuple[Fact, ...]:
        """Its numbers and dates with their places, without those of list items."""
        return facts(self.text, stated=True)

    @cached_property
    def capitalised(self) -> tuple[Word, ...]:
        """Its words that may be names."""
        return tuple(capitalised(self.text, self.language, self.found, self.spans))

    @cached_property
    def lines(self) -> tuple[tuple[str, ...], ...]:
        """The content, sentence by sentence."""
        return tuple([spoken.content for spoken in self._spoken])

    @cached_property
    def affirmed(self) -> frozenset[Pair]:
        """Neighbours inside sentences without a negation between them."""
        return self._neighbours(denied=False)

    @cached_property
    def denied(self) -> frozenset[Pair]:
        """Neighbours inside sentences with a negation between them."""
        return self._neighbours(denied=True)

    @cached_property
    def denials(self) -> tuple[frozenset[str], ...]:
        """The content near each negation."""
        return self._circles(_NEAR)

    @cached_property
    def denials_around(self) -> tuple[frozenset[str], ...]:
        """The content in a wider circle around each negation."""
        return self._circles(_AROUND)

    @cached_property
    def _spoken(self) -> tuple[_Spoken, ...]:
        return tuple([_spoken(sentence) for sentence in self.sentences])

    def _neighbours(self, *, denied: bool) -> frozenset[Pair]:
        return frozenset(
            pair
            for spoken in self._spoken
            if spoken.content and (spoken.negated or not denied)
            for place, pair in enumerate(pairwise(("", *spoken.content, "")))
            if (place in spoken.negated) is denied
        )

    def _circles(self, width: int) -> tuple[frozenset[str], ...]:
        """Not beyond the sentence."""
        return tuple(
            frozenset(spoken.content[max(0, place - width) : place + width])
            for spoken in self._spoken
            for place in spoken.negated
        )


def read(text: str, language: str) -> Reading:
    """Read ``text`` as German or English."""
    spans = sentences(text)
    return Reading(
        text=text,
        language=language,
        spans=spans,
        sentences=tuple([forms(text[span.start : span.end], language) for span in spans]),
    )


@lru_cache(maxsize=1024)
def read_source(text: str, language: str) -> Reading:
    """``read``, remembered: the same passages are read for case after case. Never give it the content of a case."""
    return read(text, language)


def number_or_stem(word: Word | Form) -> str:
    """What stands for a word in comparisons: its canonical number, else its stem."""
    return canonical_number(word.folded) or word.stem


def _spoken(sentence: Sequence[Form]) -> _Spoken:
    content: list[str] = []
    negated: list[int] = []
    for form in sentence:
        if form.carries_content:
            content.append(number_or_stem(form))
        elif form.is_negation:
            negated.append(len(content))
    return _Spoken(tuple(content), tuple(negated))
