"""Where do the sentences of a German or English text begin and end? Decided by rules, character by character.

Splitting leans to the careful side: two sentences left together cost less than one torn apart at "z. B." or "3. März".
"""

import re
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of text, counted in characters, ``end`` exclusive."""

    start: int
    end: int


_OPENING = "\"'„“‚‘»«(["
# Runs of terminators are matched from their first character only, so that hostile "....." stays linear; the look behind
# stands after that character, because a pattern that begins with a character is searched for several times faster. A
# citation that follows the full stop ("so ist es. [1]") belongs to the sentence before it.
_STOP = re.compile(
    r"[.!?…](?<![.!?…][.!?…])[.!?…]*+[\"'“”‘’»«)\]]*+(?:[ \t]?\[\d{1,4}(?:[ \t]?[,;][ \t]?\d{1,4})*+\][.]?)*+(?=\s|$)"
)
_LINE_END = re.compile(r"\n\s*+")
_LAST_WORD = re.compile(r"(?:\b[^\W\d_]\.[ \u00a0\u202f]?)*\b[^\W\d_]$|[^\W\d_]+$")
_LAST_NUMBER = re.compile(r"(?:(?P<before>[^\s]+)\s+)?(?P<number>\d{1,2}|[IVX]{1,5})$")
_NEXT_WORD = re.compile(r"[^\W\d_]+")
_LINE_START_NUMBER = re.compile(r"(?:^|\n)[ \t]*\d{1,3}$")
_LOOK_BACK = 40
_LOOK_AHEAD = 40


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


_MONTHS = _words(
    "januar jänner februar märz april mai juni juli august september oktober november dezember january february "
    "march may june july october december"
)
_BEFORE_ANYTHING = _words(
    "zb dh ua uä uu ia idr ao ob sa sb su allg bes bspw bzgl bzw ca co dgl dr dipl ehem engl dt lat frz evtl exkl "
    "ff geb gem gest ggf ggü hl hr hrsg inkl ing insb jr kfm max mind min mio mrd mag med phil jur rer prof priv "
    "sog std st tel tsd ugs urspr verh vgl vs zt zzgl zus eg ie cf al mr mrs ms messrs rev hon gen col lt sgt capt "
    "sen gov approx dept est fig incl resp sec viz vol mt ft sr"
)
_BEFORE_NUMBERS = _words(
    "nr no art abs abb tab bd kap s str ziff rn rdnr anm anl lfd pos p pp ch eq par jan feb mrz mär apr jun jul aug "
    "sep sept okt oct nov dez dec"
)
_STARTERS = _words(
    "the a an it he she they we you i this that these those there in on at if when but and so as for however after "
    "before der die das ein eine es er sie wir ihr ich dies diese dieser dieses dort hier wenn falls aber und auch "
    "dann danach bei mit für nach im am zum zur"
)
_BEFORE_ORDINALS = _words(
    "der die das den dem des am im vom zum zur beim ins ans bis und oder ab seit dieser diese dieses jeder jede "
    "jedes jeden ihr ihre ihren ihrem sein seine seinen seinem ein eine einen einem einer"
)


def sentences(text: str) -> tuple[Span, ...]:
    """Spans of the sentences of ``text``, in order, without white space around them.

    Every character that is not white space lies in exactly one span. A line break ends a sentence unless the next line
    goes on in lower case; an empty line always does. Time is linear in the length of the text.
    """
    spans: list[Span] = []
    start = 0
    for cut in (*_boundaries(text), len(text)):
        piece = text[start:cut]
        inner = piece.lstrip()
        if inner:
            spans.append(Span(cut - len(inner), start + len(piece.rstrip())))
        start = cut
    return tuple(spans)


def _boundaries(text: str) -> list[int]:
    """Positions at which one sentence ends, in order."""
    ends = {match.end() for match in _STOP.finditer(text) if _ends_sentence(text, match)}
    if "\n" in text:
        ends.update(match.start() for match in _LINE_END.finditer(text) if not _line_goes_on(text, match))
    return sorted(ends)


def _line_goes_on(text: str, line_end: re.Match[str]) -> bool:
    """Whether a line break is only a wrapped line."""
    if line_end.group().count("\n") > 1:
        return False
    if text[line_end.end() : line_end.end() + 1].islower():
        return True
    before = line_end.start()
    while before and text[before - 1].isspace():
        before -= 1
    return text[before - 1 : before] == ","


def _ends_sentence(text: str, stop: re.Match[str]) -> bool:
    """Whether the punctuation at ``stop`` ends a sentence, judged by the words around it."""
    start, end = stop.span()
    following = text[end : end + _LOOK_AHEAD].lstrip().lstrip(_OPENING)
    if not following:
        return True
    if following[0].islower():
        return False
    if text[start] != "." or text.startswith("..", start):
        return True
    behind = text[max(0, start - _LOOK_BACK) : start]
    return not (_is_ordinal(behind, following) or _is_abbreviation(behind, following))


def _next_word(following: str) -> str:
    word = _NEXT_WORD.match(following)
    return word.group().lower() if word else ""


def _is_ordinal(behind: str, following: str) -> bool:
    """Whether the full stop marks an ordinal ("am 3. März", "im 20. Jahrhundert") or a list number ("1. Öffnen")."""
    if not (behind[-1:].isdecimal() or behind[-1:] in ("I", "V", "X", "\n")):
        return False  # nearly always, and what follows takes a while
    if _LINE_START_NUMBER.search(behind):
        return True
    number = _LAST_NUMBER.search(behind)
    if number is None:
        return False
    if number["number"].isdigit() and _next_word(following) in _MONTHS:
        return True
    return (number["before"] or "").lower() in _BEFORE_ORDINALS


def _is_abbreviation(behind: str, following: str) -> bool:
    """Whether the full stop belongs to an abbreviation or an initial."""
    word = _last_word(behind)
    if not word:
        return False
    compact = re.sub(r"[.\s]", "", word).lower() if "." in word else word.lower()
    if compact in _BEFORE_ANYTHING:
        return True
    if following[0].isdigit() and (compact in _BEFORE_NUMBERS or compact.endswith("str")):
        return True
    initials = len(compact) == 1 or "." in word
    return initials and compact != "i" and _next_word(following) not in _STARTERS


def _last_word(behind: str) -> str:
    """The letters at the end, or the initials ("z. B"); nothing where there is something else."""
    start = len(behind)
    while start and behind[start - 1].isalnum() and not behind[start - 1].isdecimal():
        start -= 1
    if len(behind) - start > 1:
        return behind[start:]
    match = _LAST_WORD.search(behind)
    return match.group() if match else ""
