"""May two questions that look alike have different answers? Numbers, names, denials and opposites tell.

Vectors of sentences see what a question is about, and hardly whether it asks for the contrary or for another person.
So whatever is seen here forbids what a vector allows; nothing here allows anything.
"""

from collections.abc import Iterable

from leitstand.language.facts import Fact, facts
from leitstand.language.names import unknown_among
from leitstand.language.reading import Reading, read

_OPPOSITES = {
    "de": (
        "vor / nach / während", "ab / bis", "unter / über", "innerhalb binnen / außerhalb / nach", "mit / ohne / außer",
        "für / gegen", "von / zu nach", "aus / nach", "mehr / weniger", "mindest* / höchst*", "minimal* / maximal*",
        "früher / später", "alt* gebraucht* / neu*", "erst* / letzt*", "öffn* geöffnet / schließ* geschlossen",
        "ein* an / aus", "aktivier* / deaktivier*", "beginn* start* anfang* / end* stopp*", "kauf* / verkauf*",
        "send* schick* verschick* / empfang* erhalt*", "hinzu* / entfern* lösch*",
        "annehm* zustimm* zugestimmt / ablehn* abgelehnt",
        "zahl* bezahl* abbuch* buch* / erstatt* rückzahl*", "import* / export*", "ankunft / abflug abfahrt",
        "nur / auch",
        "werktags / sonntags / samstags / feiertags", "morgens / mittags / abends", "gestern / heute / morgen",
        "links / rechts", "oben / unten", "privat* / geschäftlich* gewerblich*", "wer / wen / wem", "erhöh* / senk*",
        "gewinn* / verlust*", "krank* / urlaub*", "sicher* / wiederherstell*", "installier* / deinstallier*",
        "verschlüssel* / entschlüssel*", "bedeut* / beheb* reparier*",
        "sperr* / entsperr*", "erlaub* dürf* / verbiet* verboten",
    ),
    "en": (
        "before / after / during", "from / until to", "under below / over above", "within / after / outside",
        "with / without / except", "for / against", "more / less fewer", "least / most", "minimum / maximum",
        "earlier / later", "old* used / new*", "first / last", "open* / close* shut*", "on / off",
        "activat* enabl* / deactivat* disabl*", "begin* start* / end* stop* finish*", "buy* / sell*",
        "send* / receiv*", "add* append* / remov* delet*", "accept* agree* approv* / reject* refus* declin*",
        "pay* charg* / refund* reimburs*", "import* / export*", "arriv* / depart*", "only just / also",
        "weekday* / sunday* / saturday* / holiday*", "morning* / noon / evening*", "yesterday / today / tomorrow",
        "left / right", "top / bottom", "private* / business*", "who / whom", "increas* rais* / decreas* lower*",
        "profit* / loss*", "mean* / fix* repair*", "sick* / holiday*", "back backup* / restor*",
        "install* / uninstall*",
        "encrypt* / decrypt*", "lock* / unlock*", "allow* permit* / forbid* prohibit*", "upload* / download*",
    ),
}  # fmt: skip
"""Words that turn a question around when one question has them from one side and the other from another."""

_DENYING = {
    "de": ("verhinder", "vermeid", "außer", "ausgenommen", "statt", "anstatt"),
    "en": ("prevent", "avoid", "keep", "except", "instead", "unless"),
}
"""Words that deny without being negations."""


_COURTESIES = frozenset(
    [
        "hallo",
        "guten",
        "tag",
        "bitte",
        "frage",
        "auskunft",
        "vielen",
        "dank",
        "danke",
        "sagen",
        "hello",
        "dear",
        "hi",
        "question",
        "please",
        "thank",
        "thanks",
        "know",
        "tell",
    ]
)
"""Words around a question that ask for nothing."""

_RELATIONS = {
    "de": frozenset(
        [
            "ab",
            "an",
            "auf",
            "aus",
            "bei",
            "bis",
            "durch",
            "für",
            "gegen",
            "hinter",
            "in",
            "mit",
            "nach",
            "neben",
            "seit",
            "unter",
            "vom",
            "von",
            "vor",
            "zu",
            "zum",
            "zur",
        ]
    ),
    "en": frozenset(
        [
            "about",
            "above",
            "after",
            "against",
            "at",
            "before",
            "below",
            "by",
            "during",
            "for",
            "from",
            "in",
            "into",
            "of",
            "off",
            "on",
            "out",
            "over",
            "to",
            "under",
        ]
    ),
}
"""Words that say how the same things stand to each other."""


def conflict(one: str, other: str, language: str) -> str:
    """Why the questions may want different answers: ``number``, ``name``, ``negation``, ``opposite``, ``condition``.

    ``""`` when nothing speaks against it, which says little: vectors must speak for it.
    """
    first, second = read(one, language), read(other, language)
    if not _same_numbers(first.text, second.text):
        return "number"
    if _denials(first) != _denials(second):
        return "negation"
    if _names_only(first, second) or _names_only(second, first):
        return "name"
    if _opposed(first, second):
        return "opposite"
    return "condition" if _qualified(first, second) else ""


def _names_only(one: Reading, other: Reading) -> bool:
    """Whether one has what may be a name and the other has not."""
    suspects = [word for word in one.capitalised if word.folded not in _COURTESIES]
    return bool(unknown_among(suspects, one.text, [other]))


def _same_numbers(one: str, other: str) -> bool:
    """Whether each number and date of one is in the other."""
    first, second = facts(one), facts(other)
    return _covered(first, second) and _covered(second, first)


def _covered(some: Iterable[Fact], others: tuple[Fact, ...]) -> bool:
    return all(any(not fact.readings.isdisjoint(other.readings) for other in others) for fact in some)


def _denials(reading: Reading) -> int:
    forms = [form for sentence in reading.sentences for form in sentence]
    stems = _DENYING.get(reading.language, _DENYING["en"])
    return sum(form.is_negation or form.folded.startswith(stems) for form in forms)


def _qualified(first: Reading, second: Reading) -> bool:
    """Whether one says all that the other says and a word more, or the same words in another relation."""
    ours, theirs = _content(first), _content(second)
    if ours == theirs:
        relations = _RELATIONS.get(first.language, _RELATIONS["en"])
        return _words(first, relations) != _words(second, relations)
    return ours < theirs or theirs < ours


def _content(reading: Reading) -> frozenset[str]:
    forms = (form for sentence in reading.sentences for form in sentence)
    return frozenset(form.stem for form in forms if form.carries_content and form.folded not in _COURTESIES)


def _words(reading: Reading, among: frozenset[str]) -> list[str]:
    return sorted(form.folded for sentence in reading.sentences for form in sentence if form.folded in among)


def _opposed(first: Reading, second: Reading) -> bool:
    for group in _GROUPS.get(first.language, _GROUPS["en"]):
        ours = frozenset(place for place, side in enumerate(group) if _has(first, side))
        theirs = frozenset(place for place, side in enumerate(group) if _has(second, side))
        if ours and theirs and ours.isdisjoint(theirs):
            return True
    return False


def _has(reading: Reading, side: tuple[str, ...]) -> bool:
    """Whether it has one of the words; ``*`` stands for any ending."""
    return any(
        word.startswith(part[:-1]) if part.endswith("*") else word == part for part in side for word in reading.folded
    )


def _sides(groups: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], ...], ...]:
    return tuple(tuple(tuple(side.split()) for side in group.split(" / ")) for group in groups)


_GROUPS = {language: _sides(groups) for language, groups in _OPPOSITES.items()}
