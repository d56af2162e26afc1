"""Which words is a text searched by? Stems without function words, and in German the parts of compounds too.

``Barrierefreiheitssymbol`` is found by ``Symbol``: a compound is split when all its parts stand alone somewhere in the
same sources (after Koehn and Knight 2003, "Empirical Methods for Compound Splitting", without their counts).
"""

from collections.abc import Collection, Iterable, Sequence

from leitstand.language.words import Form, form, forms

_SHORTEST = 4
"""Letters of a part; shorter ones (``rat``, ``ein``) are found inside anything."""
_LONGEST = 60
COMPOUNDING = frozenset({"de"})


def content_words(text: str, language: str) -> Sequence[Form]:
    """The words of ``text`` that are not function words; all of them when only those are left."""
    found = forms(text, language)
    return [word for word in found if word.carries_content] or found


def vocabulary(texts: Iterable[str], language: str) -> frozenset[str]:
    """The words that may be parts of compounds; empty for languages that write theirs apart."""
    if language not in COMPOUNDING:
        return frozenset()
    return frozenset(
        word.folded
        for text in texts
        for word in content_words(text, language)
        if _SHORTEST <= len(word.folded) <= _LONGEST and word.folded.isalpha()
    )


def tokens(text: str, language: str, known: Collection[str]) -> list[str]:
    """The stems of ``text`` in order, each compound followed by the stems of its parts."""
    found: list[str] = []
    for word in content_words(text, language):
        found.append(word.stem)
        if language in COMPOUNDING:
            found.extend(form(part, language).stem for part in parts(word.folded, known))
    return found


def with_parts(text: str, language: str, known: Collection[str]) -> str:
    """The text followed by the parts of its compounds, for a search that makes its own stems."""
    if language not in COMPOUNDING:
        return text
    found = [part for word in content_words(text, language) for part in parts(word.folded, known)]
    return " ".join([text, *found])


def parts(word: str, known: Collection[str]) -> list[str]:
    """The parts of a compound, shortest first part first, with or without a linking s; empty when it is none."""
    return _parts(word, known, set()) if len(word) <= _LONGEST else []


def _parts(word: str, known: Collection[str], failed: set[str]) -> list[str]:
    """``failed`` collects the tails that cannot be split, so that no tail is tried twice."""
    for cut in range(_SHORTEST, len(word) - _SHORTEST + 1):
        head, tail = word[:cut], word[cut:]
        first = head if head in known else head[:-1]
        if tail in failed or not (head in known or (head[-1] == "s" and cut > _SHORTEST and first in known)):
            continue
        further = [tail] if tail in known else _parts(tail, known, failed)
        if further:
            return [first, *further]
        failed.add(tail)
    return []
