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
# Runs of terminators are matched from their first character only, so that hostile "....." stays linear. A citation that
# follows the full stop ("so ist es. [1]") belongs to the sentence before it.
_STOP = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'“”‘’»«)\]]*+(?:[ \t]?\[\d{1,4}(?:[ \t]?[,;][ \t]?\d{1,4})*+\][.]?)*+(?=\s|$)"
)
_LINE_END = re.compile(r"(?<![^\S\n])[^\S\n]*+\n\s*+")
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
    for cut in sorted(_boundaries(text)):
        start = _add(spans, text, Span(start, cut))
    _add(spans, text, Span(start, len(text)))
    return tuple(spans)


def _add(spans: list[Span], text: str, piece: Span) -> int:
    """Append ``piece`` without its outer white space, when anything is left; returns where the next piece starts."""
    inner = text[piece.start : piece.end]
    lead = len(inner) - len(inner.lstrip())
    if lead < len(inner):
        spans.append(Span(piece.start + lead, piece.start + len(inner.rstrip())))
    return piece.end


def _boundaries(text: str) -> set[int]:
    """Positions at which one sentence ends."""
    ends = {match.end() for match in _STOP.finditer(text) if _ends_sentence(text, match)}
    return ends | {match.start() for match in _LINE_END.finditer(text) if not _line_goes_on(text, match)}


def _line_goes_on(text: str, line_end: re.Match[str]) -> bool:
    """Whether a line break is only a wrapped line."""
    if line_end.group().count("\n") > 1:
        return False
    before, after = text[max(0, line_end.start() - 1) : line_end.start()], text[line_end.end() : line_end.end() + 1]
    return after.islower() or before == ","


def _ends_sentence(text: str, stop: re.Match[str]) -> bool:
    """Whether the punctuation at ``stop`` ends a sentence, judged by the words around it."""
    ahead = text[stop.end() : stop.end() + _LOOK_AHEAD].lstrip()
    following = ahead.lstrip(_OPENING)
    if not following:
        return True
    if following[0].islower():
        return False
    if not stop.group().startswith(".") or stop.group().startswith(".."):
        return True
    word = _NEXT_WORD.match(following)
    next_word = word.group().lower() if word else ""
    behind = text[max(0, stop.start() - _LOOK_BACK) : stop.start()]
    return not (_is_ordinal(behind, next_word) or _is_abbreviation(behind, following, next_word))


def _is_ordinal(behind: str, next_word: str) -> bool:
    """Whether the full stop marks an ordinal ("am 3. März", "im 20. Jahrhundert") or a list number ("1. Öffnen")."""
    if _LINE_START_NUMBER.search(behind):
        return True
    number = _LAST_NUMBER.search(behind)
    if number is None:
        return False
    if number["number"].isdigit() and next_word in _MONTHS:
        return True
    return (number["before"] or "").lower() in _BEFORE_ORDINALS


def _is_abbreviation(behind: str, following: str, next_word: str) -> bool:
    """Whether the full stop belongs to an abbreviation or an initial."""
    match = _LAST_WORD.search(behind)
    if match is None:
        return False
    compact = re.sub(r"[.\s]", "", match.group()).lower()
    if compact in _BEFORE_ANYTHING:
        return True
    if following[0].isdigit() and (compact in _BEFORE_NUMBERS or compact.endswith("str")):
        return True
    initials = len(compact) == 1 or "." in match.group()
    return initials and compact != "i" and next_word not in _STARTERS
