"""How well does a source support a statement, and what in the statement does the source not say?

A score from coverage of stemmed content words and precision of word pairs, lowered for numbers, dates, names and
denials of which the source knows nothing. Lexical on purpose: every deduction can be shown to the person who reviews.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from leitstand.language.facts import Fact, facts
from leitstand.language.names import Name, capitalised, in_compound, unknown_names
from leitstand.language.reading import Pair, Reading, number_or_stem, read
from leitstand.language.words import attributes

PART_OF_COMPOUND = 0.6
_LONGEST_SWAP = 4
_LONGEST_ALIGNED = 400
WEIGHTS = {"coverage": 0.7, "pairs": 0.3, "number": 0.5, "name": 0.4, "negation": 0.5, "misplaced": 0.5}
"""What each measure adds to the score, or takes off for each case of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Support:
    """How a statement stands to its sources; ``score`` lies between 0 and 1, ``coverage`` and ``pairs`` are shares."""

    score: float
    coverage: float
    pairs: float
    unknown_facts: tuple[Fact, ...]
    unknown_names: tuple[Name, ...]
    misplaced: tuple[Name, ...]
    new_denial: bool
    lost_denial: bool


def support(statement: str, sources: Sequence[Reading], language: str) -> Support:
    """Support of one sentence, without its citations, by all of ``sources`` together, read in ``language`` too."""
    reading = _without_attribution(read(statement, language), sources)
    known = frozenset[str]().union(*(source.values for source in sources))
    unknown_facts = tuple(fact for fact in facts(statement, stated=True) if not fact.readings & known)
    names = unknown_names(statement, language, sources)
    covered, paired = coverage(reading, sources), pair_precision(reading, sources)
    new, lost = denies_anew(reading, sources), denies_less(reading, sources)
    score = WEIGHTS["coverage"] * covered + WEIGHTS["pairs"] * paired
    moved = misplaced(statement, reading, sources, names) if paired < 1 else ()
    score -= WEIGHTS["misplaced"] * len(moved)
    score -= WEIGHTS["number"] * len(unknown_facts) + WEIGHTS["name"] * len(names) + WEIGHTS["negation"] * (new or lost)
    return Support(
        score=min(1.0, max(0.0, score)),
        coverage=covered,
        pairs=paired,
        unknown_facts=unknown_facts,
        unknown_names=names,
        misplaced=moved,
        new_denial=new,
        lost_denial=lost,
    )


def coverage(reading: Reading, sources: Sequence[Reading]) -> float:
    """Share of the content words that some source has; in German a part of a compound counts 0.6; 1 without any."""
    if not reading.content:
        return 1.0
    stems = frozenset[str]().union(*(source.stems for source in sources))
    return sum(_worth(stem, stems, reading.language) for stem in reading.content) / len(reading.content)


def pair_precision(reading: Reading, sources: Sequence[Reading]) -> float:
    """Share of neighbouring content words that are neighbours in a source; the coverage when there is no pair."""
    if not reading.pairs:
        return coverage(reading, sources)
    pairs = frozenset[Pair]().union(*(source.pairs for source in sources))
    return len(reading.pairs & pairs) / len(reading.pairs)


def denies_anew(reading: Reading, sources: Sequence[Reading]) -> bool:
    """Whether the statement denies what sources only affirm, or something near which no source denies anything."""
    affirmed, denied = _said(sources)
    if reading.denied & affirmed - denied:
        return True
    circles = [circle for source in sources for circle in source.denials_around]
    return any(len(denial & _best(denial, circles)) < min(2, len(denial)) for denial in reading.denials)


def denies_less(reading: Reading, sources: Sequence[Reading]) -> bool:
    """Whether the statement says together what every source that has it says only with a denial between."""
    affirmed, denied = _said(sources)
    return bool(reading.affirmed & denied - affirmed)


def _said(sources: Sequence[Reading]) -> tuple[frozenset[Pair], frozenset[Pair]]:
    """Neighbours that the sources affirm, and those that they deny."""
    none = frozenset[Pair]()
    return none.union(*(source.affirmed for source in sources)), none.union(*(source.denied for source in sources))


def misplaced(
    statement: str, reading: Reading, sources: Sequence[Reading], unknown: Sequence[Name]
) -> tuple[Name, ...]:
    """Numbers and capitalised words that a source has elsewhere, standing where it says something else.

    The content words of the statement and of the closest sentence are aligned (Ratcliff and Obershelp 1988, as in
    ``difflib``); only short replacements between equal words count.
    """
    suspects = {word.stem for word in capitalised(statement, reading.language)}
    suspects |= {stem for stem in reading.content if any(letter.isdigit() for letter in stem)}
    lines = [line for source in sources for line in source.lines]
    if not suspects or not lines:
        return ()
    said = set(reading.content)
    closest = max(lines, key=lambda line: len(said & set(line)))
    stems = {stem for name in unknown for stem in read(name.text, reading.language).content}
    moved = _replaced(reading.content[:_LONGEST_ALIGNED], closest[:_LONGEST_ALIGNED]) & suspects - stems
    return tuple(Name(word.text, word.start, word.end) for word in reading.found if number_or_stem(word) in moved)


def _replaced(said: Sequence[str], source: Sequence[str]) -> set[str]:
    """Stems of ``said`` that replace others of ``source`` between equal neighbours."""
    codes = difflib.SequenceMatcher(None, said, source, autojunk=False).get_opcodes()
    found: set[str] = set()
    for before, (tag, start, end, source_start, source_end), after in zip(codes, codes[1:], codes[2:], strict=False):
        flanked = before[0] == after[0] == "equal"
        if tag == "replace" and flanked and end - start <= _LONGEST_SWAP and source_end - source_start <= _LONGEST_SWAP:
            found |= set(said[start:end]) - set(source[source_start:source_end])
    return found


def _without_attribution(reading: Reading, sources: Sequence[Reading]) -> Reading:
    """``reading`` without the words that only speak of the sources and that no source has."""
    extra = {word.stem for word in reading.found if attributes(word, reading.language)}
    extra -= frozenset[str]().union(*(source.stems for source in sources))
    if not extra:
        return reading
    content = tuple(stem for stem in reading.content if stem not in extra)
    return replace(reading, content=content, pairs=frozenset(pairwise(content)))


def _best(denial: frozenset[str], circles: Sequence[frozenset[str]]) -> frozenset[str]:
    return max(circles, key=lambda circle: len(circle & denial), default=frozenset())


def _worth(stem: str, stems: frozenset[str], language: str) -> float:
    if stem in stems:
        return 1.0
    return PART_OF_COMPOUND if language == "de" and in_compound(stem, stems) else 0.0
