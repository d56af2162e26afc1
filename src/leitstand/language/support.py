"""How well does a source support a statement, and what in the statement does the source not say?

A score from coverage of stemmed content words and precision of word pairs, lowered for numbers, dates, names and
denials of which the source knows nothing. Lexical on purpose: every deduction can be shown to the person who reviews.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from leitstand.language.facts import Fact
from leitstand.language.names import Name, in_compound, unknown_among
from leitstand.language.reading import Reading, number_or_stem, read

Item = TypeVar("Item")

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
    return support_of(read(statement, language), sources)


def support_of(statement: Reading, sources: Sequence[Reading]) -> Support:
    """``support`` of a sentence that was read already."""
    content = _without_attribution(statement, sources)
    covered = _covered(content, sources, statement.language)
    paired = _paired(content, sources) if len(content) > 1 else covered
    known = _together([source.values for source in sources]) if statement.stated else frozenset[str]()
    unknown_facts = tuple(fact for fact in statement.stated if fact.readings.isdisjoint(known))
    names = unknown_among(statement.capitalised, statement.text, sources)
    new, lost = _denials(statement, sources)
    score = WEIGHTS["coverage"] * covered + WEIGHTS["pairs"] * paired
    moved = misplaced(statement, content, sources, names) if paired < 1 else ()
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


def coverage_of(statement: Reading, sources: Sequence[Reading]) -> float:
    """Share of the content words that some source has; in German a part of a compound counts 0.6; 1 without any."""
    return _covered(_without_attribution(statement, sources), sources, statement.language)


def _covered(content: Sequence[str], sources: Sequence[Reading], language: str) -> float:
    if not content:
        return 1.0
    stems = _together([source.stems for source in sources])
    return sum([_worth(stem, stems, language) for stem in content]) / len(content)


def _paired(content: Sequence[str], sources: Sequence[Reading]) -> float:
    """Share of neighbouring content words that are neighbours in a source."""
    pairs = frozenset(pairwise(content))
    return len(pairs & _together([source.pairs for source in sources])) / len(pairs)


def _denials(statement: Reading, sources: Sequence[Reading]) -> tuple[bool, bool]:
    """Whether the statement denies anew, and whether it denies less.

    Anew: what sources only affirm, or something near which no source denies anything. Less: it says together what every
    source that has it says only with a denial between.
    """
    affirmed = _together([source.affirmed for source in sources])
    denied = _together([source.denied for source in sources])
    lost = not (statement.affirmed & denied) <= affirmed
    if not (statement.denied & affirmed) <= denied:
        return True, lost
    circles = [circle for source in sources for circle in source.denials_around] if statement.denials else []
    new = any(len(denial & _best(denial, circles)) < min(2, len(denial)) for denial in statement.denials)
    return new, lost


def misplaced(
    statement: Reading, content: Sequence[str], sources: Sequence[Reading], unknown: Sequence[Name]
) -> tuple[Name, ...]:
    """Numbers and capitalised words that a source has elsewhere, standing where it says something else.

    The content words of the statement and of the closest sentence are aligned (Ratcliff and Obershelp 1988, as in
    ``difflib``); only short replacements between equal words count.
    """
    suspects = {word.stem for word in statement.capitalised}
    suspects |= {stem for stem in content if any(letter.isdigit() for letter in stem)}
    lines = [line for source in sources for line in source.lines]
    if not suspects or not lines:
        return ()
    said = frozenset(content)
    closest = max(lines, key=lambda line: len(said.intersection(line)))
    stems = {stem for name in unknown for stem in read(name.text, statement.language).content}
    moved = _replaced(content[:_LONGEST_ALIGNED], closest[:_LONGEST_ALIGNED]) & suspects - stems
    return tuple(Name(word.text, word.start, word.end) for word in statement.found if number_or_stem(word) in moved)


def _replaced(said: Sequence[str], source: Sequence[str]) -> set[str]:
    """Stems of ``said`` that replace others of ``source`` between equal neighbours."""
    codes = difflib.SequenceMatcher(None, said, source, autojunk=False).get_opcodes()
    found: set[str] = set()
    for before, (tag, start, end, source_start, source_end), after in zip(codes, codes[1:], codes[2:], strict=False):
        flanked = before[0] == after[0] == "equal"
        if tag == "replace" and flanked and end - start <= _LONGEST_SWAP and source_end - source_start <= _LONGEST_SWAP:
            found |= set(said[start:end]) - set(source[source_start:source_end])
    return found


def _without_attribution(statement: Reading, sources: Sequence[Reading]) -> tuple[str, ...]:
    """The content without the words that only speak of the sources and that no source has."""
    extra = {form.stem for sentence in statement.sentences for form in sentence if form.attributes}
    if extra:
        extra -= _together([source.stems for source in sources])
    return tuple([stem for stem in statement.content if stem not in extra]) if extra else statement.content


def _together(sets: Sequence[frozenset[Item]]) -> frozenset[Item]:
    """The union; most statements cite one source, and its sets are not copied."""
    return sets[0] if len(sets) == 1 else frozenset[Item]().union(*sets)


def _best(denial: frozenset[str], circles: Sequence[frozenset[str]]) -> frozenset[str]:
    return max(circles, key=lambda circle: len(circle & denial), default=frozenset())


def _worth(stem: str, stems: frozenset[str], language: str) -> float:
    if stem in stems:
        return 1.0
    return PART_OF_COMPOUND if language == "de" and in_compound(stem, stems) else 0.0
