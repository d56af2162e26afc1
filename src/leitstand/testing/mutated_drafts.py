"""How can a draft that only quotes be spoiled, as models spoil theirs? Each mutation makes one statement wrong.

The extractive provider always quotes, so that checks would never see a bad draft: these are the bad drafts.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from leitstand.domain.retrieval import Passage

_QUOTED = re.compile(r"(?P<text>.+?) \[(?P<number>\d+)\](?:\s+|$)", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.,:/-])\d{1,6}(?![\w.,:/-]*\w)")
_NAME = re.compile(r"(?<=[a-zäöüß,] )[A-ZÄÖÜ][a-zäöüß]{3,}(?:\s[A-ZÄÖÜ][a-zäöüß]{3,})*")
_VERB = {
    "en": re.compile(r"\b(?:is|are|was|were|will|should|must|may|might)\b(?! not|n't)"),
    "de": re.compile(r"\b(?:ist|sind|war|wird|werden|sollten|müssen|kann|können|möchten)\b(?=[^,.;:]{0,80}[.,;]?)"),
}
_NOT = {"en": "not", "de": "nicht"}
_INVENTED = {
    "en": (
        "The manufacturer refunds the full price within three weeks.",
        "Every employee receives a written confirmation by mail.",
    ),
    "de": (
        "Der Hersteller erstattet den vollen Preis innerhalb von drei Wochen.",
        "Alle Beschäftigten erhalten eine Bestätigung per Post.",
    ),
}
_NAMES = ("Wolfenbüttel", "Ferdinand Ostermann", "Karlskrona", "Montgomery Falls", "Isolde Brandner", "Quedlinburg")
_PREFIX = {"en": "According to the document, ", "de": "Laut Dokument gilt: "}


@dataclass(frozen=True, kw_only=True, slots=True)
class Quoted:
    """A statement of a draft and the number of the passage that it cites; 0 for none."""

    text: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A draft as its statements, with the passages that it was made from, in citation order, and its language."""

    statements: tuple[Quoted, ...]
    passages: tuple[Passage, ...]
    language: str

    def text(self) -> str:
        """The draft as the provider writes it."""
        return " ".join(f"{one.text} [{one.number}]" if one.number else one.text for one in self.statements)


Mutation = Callable[[Draft, random.Random], Draft | None]
"""The spoiled draft; None when the draft has nothing that could be spoiled in this way."""


def draft_of(text: str, passages: Sequence[Passage], language: str) -> Draft:
    """A draft of the form ``Sentence. [1] Sentence. [2]``."""
    quoted = tuple(Quoted(text=match["text"], number=int(match["number"])) for match in _QUOTED.finditer(text))
    return Draft(statements=quoted, passages=tuple(passages), language=language)


def swapped_id(draft: Draft, rng: random.Random) -> Draft | None:
    """Cite another passage, one that does not hold the sentence too."""
    choices = [
        (index, number)
        for index, one in enumerate(draft.statements)
        for number, passage in enumerate(draft.passages, 1)
        if number != one.number and one.text not in " ".join(passage.text.split())
    ]
    if not choices:
        return None
    index, number = rng.choice(choices)
    return _with(draft, index, replace(draft.statements[index], number=number))


def nonexistent_id(draft: Draft, rng: random.Random) -> Draft | None:
    """Cite a passage that is not there."""
    number = len(draft.passages) + rng.randint(1, 5)
    return _any(draft, rng, lambda one: replace(one, number=number))


def dropped_citation(draft: Draft, rng: random.Random) -> Draft | None:
    """Cite nothing."""
    return _any(draft, rng, lambda one: replace(one, number=0))


def changed_number(draft: Draft, rng: random.Random) -> Draft | None:
    """Another number that the cited passage does not have."""

    def spoil(one: Quoted) -> Quoted | None:
        places = list(_NUMBER.finditer(one.text))
        if not places:
            return None
        place = rng.choice(places)
        source = draft.passages[one.number - 1].text
        new = next(str(number) for number in iter(lambda: rng.randint(13, 9999), 0) if str(number) not in source)
        return replace(one, text=one.text[: place.start()] + new + one.text[place.end() :])

    return _any(draft, rng, spoil)


def changed_name(draft: Draft, rng: random.Random) -> Draft | None:
    """A name that no source has in place of a capitalised word."""

    def spoil(one: Quoted) -> Quoted | None:
        places = list(_NAME.finditer(one.text))
        if not places:
            return None
        place = rng.choice(places)
        return replace(one, text=one.text[: place.start()] + rng.choice(_NAMES) + one.text[place.end() :])

    return _any(draft, rng, spoil)


def negated(draft: Draft, rng: random.Random) -> Draft | None:
    """The opposite: ``not`` after an auxiliary verb."""

    def spoil(one: Quoted) -> Quoted | None:
        places = list(_VERB[draft.language].finditer(one.text))
        if not places:
            return None
        end = rng.choice(places).end()
        return replace(one, text=f"{one.text[:end]} {_NOT[draft.language]}{one.text[end:]}")

    return _any(draft, rng, spoil)


def denial_removed(draft: Draft, rng: random.Random) -> Draft | None:
    """The opposite: a ``not`` less."""
    word = re.compile(rf"\s{_NOT[draft.language]}\b")

    def spoil(one: Quoted) -> Quoted | None:
        text = word.sub("", one.text, count=1)
        return replace(one, text=text) if text != one.text else None

    return _any(draft, rng, spoil)


def invented_sentence(draft: Draft, rng: random.Random) -> Draft | None:
    """One statement more, of which no source says anything, with a citation all the same."""
    one = Quoted(text=rng.choice(_INVENTED[draft.language]), number=rng.randint(1, len(draft.passages)))
    place = rng.randint(0, len(draft.statements))
    return replace(draft, statements=(*draft.statements[:place], one, *draft.statements[place:]))


def sentence_of_another_page(page: str) -> Mutation:
    """One statement more, ``page``, that is of the same matter and stands in none of the passages."""

    def mutation(draft: Draft, rng: random.Random) -> Draft | None:
        if any(page in " ".join(passage.text.split()) for passage in draft.passages):
            return None
        one = Quoted(text=page, number=rng.randint(1, len(draft.passages)))
        return replace(draft, statements=(*draft.statements, one))

    return mutation


def prefixed(draft: Draft, rng: random.Random) -> Draft | None:
    """Light paraphrase, still true: the source is named in front."""

    def lighten(one: Quoted) -> Quoted | None:
        text = one.text if draft.language == "de" else one.text[:1].lower() + one.text[1:]
        return replace(one, text=_PREFIX[draft.language] + text)

    return _any(draft, rng, lighten)


def shortened(draft: Draft, rng: random.Random) -> Draft | None:
    """Light paraphrase, still true: what stands behind the last comma is left out."""

    def lighten(one: Quoted) -> Quoted | None:
        head, comma, tail = one.text.rpartition(", ")
        denies = {"not", "no", "nicht", "kein", "keine", "never", "nie", "ohne", "without"} & set(tail.lower().split())
        return replace(one, text=f"{head}.") if comma and len(head) > 40 and not denies else None

    return _any(draft, rng, lighten)


SPOILED: dict[str, Mutation] = {
    "swapped id": swapped_id,
    "nonexistent id": nonexistent_id,
    "dropped citation": dropped_citation,
    "changed number": changed_number,
    "changed name": changed_name,
    "negated": negated,
    "denial removed": denial_removed,
    "invented sentence": invented_sentence,
}
"""What checks must catch."""

STILL_TRUE: dict[str, Mutation] = {"named source in front": prefixed, "shortened at a comma": shortened}
"""What checks should let pass."""


def _any(draft: Draft, rng: random.Random, change: Callable[[Quoted], Quoted | None]) -> Draft | None:
    """Change one statement of those that can be changed, picked by ``rng``."""
    order = list(range(len(draft.statements)))
    rng.shuffle(order)
    for index in order:
        changed = change(draft.statements[index])
        if changed is not None:
            return _with(draft, index, changed)
    return None


def _with(draft: Draft, index: int, one: Quoted) -> Draft:
    return replace(draft, statements=(*draft.statements[:index], one, *draft.statements[index + 1 :]))
