"""Which words of a text may be names, and which of them does no source know?

English: capitalised words inside a sentence, and runs of them anywhere. German capitalises every noun, so there a
name is only suspected when no source knows the word, not even inside a compound.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from leitstand.domain.sentences import Span, sentences
from leitstand.language.words import Word, words

_COMMON_ENDINGS = (
    "ung",
    "ungen",
    "heit",
    "heiten",
    "keit",
    "keiten",
    "schaft",
    "schaften",
    "tion",
    "tionen",
    "tät",
    "täten",
    "ismus",
    "nis",
    "nisse",
)
_SHORTEST_PART = 5


class Name(NamedTuple):
    """A stretch of text that may be a name, ``end`` exclusive."""

    text: str
    start: int
    end: int


class Source(Protocol):
    """What is asked of a text that may know a name: its words without case, their stems, and its language."""

    @property
    def language(self) -> str:
        """The language in which it was read."""

    @property
    def folded(self) -> frozenset[str]:
        """Its words without case."""

    @property
    def stems(self) -> frozenset[str]:
        """Their stems."""


def unknown_names(text: str, language: str, sources: Iterable[Source]) -> tuple[Name, ...]:
    """Words of ``text`` that look like names and that none of ``sources`` knows; neighbours are one name."""
    return unknown_among(tuple(capitalised(text, language, words(text, language), sentences(text))), text, sources)


def unknown_among(suspects: Sequence[Word], text: str, sources: Iterable[Source]) -> tuple[Name, ...]:
    """The ``suspects`` in ``text`` that no source knows.

    ``sources`` may be lazy: they are read one after the other, none without a suspect and none after the last is known.
    """
    unknown = suspects
    for source in sources if suspects else ():
        unknown = [word for word in unknown if not knows(source, word)]
        if not unknown:
            return ()
    found: list[Name] = []
    for word in unknown:
        if found and text[found[-1].end : word.start].strip(" -") == "":
            last = found.pop()
            found.append(Name(text[last.start : word.end], last.start, word.end))
        else:
            found.append(Name(word.text, word.start, word.end))
    return tuple(found)


def knows(source: Source, word: Word) -> bool:
    """Whether a source has the word, in another form or, in German, as a part of a compound or around one."""
    bare = word.folded.removesuffix("'s")
    if bare in source.folded or word.stem in source.stems:
        return True
    if source.language != "de" or len(bare) < _SHORTEST_PART or bare.endswith(_COMMON_ENDINGS):
        return bare.endswith(_COMMON_ENDINGS) and source.language == "de"
    return in_compound(word.stem, source.stems)


def in_compound(stem: str, stems: Iterable[str]) -> bool:
    """Whether one of ``stems`` is a part of ``stem``, or the other way round; parts have five letters or more."""
    if len(stem) < _SHORTEST_PART:
        return False
    return any(len(other) >= _SHORTEST_PART and (other in stem or stem in other) for other in stems)


def capitalised(text: str, language: str, found: Sequence[Word], spans: Sequence[Span]) -> Iterator[Word]:
    """Those of the words found in a text that have a capital letter not owed to the beginning of a sentence alone."""
    starts = {_first_letter(text, span.start) for span in spans}
    for index, word in enumerate(found):
        if not word.text[0].isupper() or not word.form.carries_content or word.form.attributes:
            continue
        if not word.text.isalpha() and any(map(str.isdigit, word.text)):
            continue  # facts, not names
        if len(word.text) > 1 and (not _opens(text, word, starts) or _certain(found, index, text, language)):
            yield word


def _certain(found: Sequence[Word], index: int, text: str, language: str) -> bool:
    """Whether a word that opens a sentence is capitalised for another reason too."""
    word = found[index]
    if any(letter.isupper() for letter in word.text[1:]):
        return True
    if language == "de" or index + 1 >= len(found):
        return False
    following = found[index + 1]
    adjacent = text[word.end : following.start] in (" ", "-")
    return adjacent and following.text[0].isupper() and following.form.carries_content


def _opens(text: str, word: Word, starts: set[int]) -> bool:
    """Whether the word is capitalised because a sentence, a quotation or a list item begins with it."""
    if word.start in starts:
        return True
    before = text[max(word.start - 3, 0) : word.start].rstrip(" ")[-1:]
    return before in ("", "\n", ":", "•", "*", ".", "!", "?", "„", "“", '"', "«", "»", "(", "[")


def _first_letter(text: str, start: int) -> int:
    while start < len(text) and not text[start].isalnum():
        start += 1
    return start
