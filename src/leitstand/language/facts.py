"""Which numbers and dates does a text state, in a form in which German and English spellings are equal?

A fact may be read in more than one way (``1.000`` is a thousand in German and one in English): it keeps every
reading, and is known as soon as one of them is.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import re2

from leitstand.language.words import fold


class Fact(NamedTuple):
    """A number or a date (``kind``) with its place in the text and its possible readings in canonical form.

    Dates read ``2024-03-09``, ``2024-03`` or ``--03-09``; numbers are decimals without grouping and trailing zeros;
    what mixes letters and digits (``F11``) or is no plain number (``3.11.2``, ``14:30``) stands for itself in lower
    case.
    """

    kind: str
    text: str
    start: int
    end: int
    readings: frozenset[str]


_MONTH_NAMES = (
    ("Januar", "Jänner", "January", "Jan"), ("Februar", "Feber", "February", "Feb"), ("März", "March", "Mar", "Mrz"),
    ("April", "Apr"),
    ("Mai", "May"), ("Juni", "June", "Jun"), ("Juli", "July", "Jul"), ("August", "Aug"), ("September", "Sept", "Sep"),
    ("Oktober", "October", "Okt", "Oct"), ("November", "Nov"), ("Dezember", "December", "Dez", "Dec"),
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_MONTH_BEGINS = re.compile(
    f"[{''.join(sorted({name[0] for name in _MONTHS}))}](?:{'|'.join(sorted({name[1:3] for name in _MONTHS}))})"
)
_NUMERIC_DATE = re.compile(r"\d(?:[-/]\d|\.[ \u00a0]?\d)")
"""What every date has: most texts have neither, and need not be searched for six kinds of dates."""
_YEAR = r"(?P<year>\d{4})(?![\d])"
_DAY = r"(?P<day>\d{1,2})"
_NUMERIC_DATES, _NAMED_DATES = (
    tuple(re.compile(rf"(?<![\w.,/-]){pattern}(?!\w)") for pattern in patterns)
    for patterns in (
        (
            rf"{_YEAR}-(?P<month>\d{{2}})-{_DAY}",
            rf"{_DAY}\.[ \u00a0]?(?P<month>\d{{1,2}})\.[ \u00a0]?(?P<year>\d{{4}}|\d{{2}})",
            r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4}|\d{2})",
        ),
        (
            rf"{_DAY}(?:\.|st|nd|rd|th)?[ \u00a0]{{1,3}}(?:of )?{_MONTH}(?:,?[ \u00a0]{{1,3}}{_YEAR})?",
            rf"{_MONTH}[ \u00a0]{{1,3}}{_DAY}(?:st|nd|rd|th)?(?:,?[ \u00a0]{{1,3}}{_YEAR})?",
            rf"{_MONTH},?[ \u00a0]{{1,3}}{_YEAR}",
        ),
    )
)
_NUMBER = re.compile(
    r"(?P<mixed>(?<!\w)[^\W\d_]+-?\d[\w]*)"
    r"|(?P<sign>(?<![^\s(])[-−](?=\d))?(?P<digits>\d+(?:[.,:'’\u00a0\u202f]\d+)*)(?P<fraction>[¼½¾])?"
    r"(?:[ \u00a0]?(?P<scale>Tausend|Tsd|Million(?:en)?|Mio|Milliarden?|Mrd|thousand|million|billion)\b)?"
)
_LIST_NUMBER = re.compile(r"^[ \t]*\d{1,2}[.)](?=\s)", re.MULTILINE)
_SCALES = {"t": 3, "mio": 6, "million": 6, "millionen": 6, "mrd": 9, "milliarde": 9, "milliarden": 9, "billion": 9}
_FRACTIONS = {"¼": "25", "½": "5", "¾": "75"}
_SMALL = {
    word: str(number)
    for number, names in enumerate(
        ("zwei two", "drei three", "vier four", "fünf five", "sechs six", "sieben seven", "acht eight", "neun nine",
         "zehn ten",
         "elf eleven", "zwölf twelve"), 2)
    for word in names.split()
}  # fmt: skip
_WORD_NUMBER = re.compile(r"(?<!\w)(?:" + "|".join(_SMALL) + r")(?!\w)", re.IGNORECASE)
_PERHAPS_WORD_NUMBER = re2.compile("(?i)(?:^|[^a-z0-9_])(?:" + "|".join(_SMALL) + ")(?:$|[^a-z0-9_])")
"""Never misses what the pattern above finds, and takes a tenth of its time to find nothing."""
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_LONGEST = 40


def facts(text: str, *, stated: bool = False) -> tuple[Fact, ...]:
    """Every date and number of ``text``, in order; with ``stated`` without those of list items: they state nothing."""
    found: list[Fact] = []
    if _DIGIT.search(text):
        taken = bytearray(len(text))
        if stated:
            for match in _LIST_NUMBER.finditer(text):
                _take(taken, match.start(), match.end())
        found += _dates(text, taken)
        found += _numbers(text, taken)
    found += _word_numbers(text)
    return tuple(sorted(found, key=_place)) if len(found) > 1 else tuple(found)


def _place(fact: Fact) -> int:
    return fact.start


def canonical_number(word: str) -> str | None:
    """The usual reading of a word that is a number, in digits or letters; None when it is none."""
    if word[:1].isdigit():
        digits = word.rstrip("s'")
        return max(sorted(decimal_readings(digits)), key=len) if _DIGITS.fullmatch(digits) else None
    return _SMALL.get(word)


def known_values(text: str) -> frozenset[str]:
    """Every reading that ``text`` makes known: of its numbers and dates, alone and inside dates."""
    values: set[str] = set()
    found: list[Fact] = []
    if _DIGIT.search(text):
        found += _dates(text, bytearray(len(text)))
        found += _numbers(text, bytearray(len(text)))
    for fact in (*found, *_word_numbers(text)):
        values |= fact.readings
        for reading in fact.readings if fact.kind == "date" else ():
            values |= _parts_of(reading)
    return frozenset(values)


def _parts_of(date: str) -> set[str]:
    """What a date says besides itself: ``2024-03-09`` also says ``2024-03``, ``--03-09``, ``2024`` and ``9``."""
    if date.startswith("--"):
        return {str(int(date[5:]))}
    year, _, rest = date.partition("-")
    parts = {year}
    if "-" in rest:
        parts |= {date[:7], f"--{rest}", str(int(rest[3:]))}
    return parts


def _take(taken: bytearray, start: int, end: int) -> None:
    taken[start:end] = b"\x01" * (end - start)


def _dates(text: str, taken: bytearray) -> Iterator[Fact]:
    """Dates where nothing is taken yet; what they cover is taken then."""
    numeric = _NUMERIC_DATES if _NUMERIC_DATE.search(text) else ()
    named = _NAMED_DATES if _MONTH_BEGINS.search(text) else ()
    for pattern in (*numeric, *named):
        for match in pattern.finditer(text):
            start, end = match.span()
            readings = frozenset() if taken.find(1, start, end) >= 0 else _date_readings(match)
            if readings:
                _take(taken, start, end)
                yield Fact("date", match.group(), start, end, readings)


def _date_readings(match: re.Match[str]) -> frozenset[str]:
    """Canonical dates; with slashes the day may come first or second."""
    parts = {"day": None, "year": None, **match.groupdict()}
    month_text, day_text, year = parts["month"] or "", parts["day"], parts["year"]
    month = int(month_text) if month_text.isdigit() else _MONTHS[month_text]
    day = int(day_text) if day_text else None
    if year is not None and len(year) == 2:
        year = ("19" if int(year) >= 70 else "20") + year
    pairs = {(month, day), (day, month)} if "/" in match.group() else {(month, day)}
    return frozenset(_canonical_date(year, m, d) for m, d in pairs if m and m <= 12 and (d is None or 1 <= d <= 31))


def _canonical_date(year: str | None, month: int, day: int | None) -> str:
    return f"{year or '-'}-{month:02d}" + (f"-{day:02d}" if day else "")


def _numbers(text: str, taken: bytearray) -> Iterator[Fact]:
    """Numbers where nothing is taken."""
    end = 0
    while digit := _DIGIT.search(text, end):
        match = _NUMBER.search(text, _number_start(text, end, digit.start()))
        if match is None:
            return
        start, end = match.span()
        if taken.find(1, start, end) < 0:
            yield Fact("number", match.group(), start, end, _readings(match))


def _number_start(text: str, after: int, digit: int) -> int:
    """Where the number with its first digit at ``digit`` begins at the earliest: at a sign, at letters before it."""
    start = digit - 1 if digit > after and text[digit - 1] in "-−" else digit
    while start > after and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    return start


def _word_numbers(text: str) -> Iterator[Fact]:
    """Numbers written as words, taken or not."""
    try:
        if not _PERHAPS_WORD_NUMBER.search(text):
            return
    except UnicodeEncodeError:  # half a character: the slower way stands it
        pass
    for match in _WORD_NUMBER.finditer(text):
        if match.group() != "Acht":  # "außer Acht lassen"
            yield Fact("number", match.group(), match.start(), match.end(), frozenset({_SMALL[fold(match.group())]}))


def _readings(match: re.Match[str]) -> frozenset[str]:
    if match["mixed"]:
        return frozenset({fold(match["mixed"]).replace("-", "")})
    sign = "-" if match["sign"] else ""
    values = decimal_readings(match["digits"])
    if match["fraction"]:
        values = frozenset(f"{value}.{_FRACTIONS[match['fraction']]}" for value in values if "." not in value)
    if match["scale"]:
        shift = _SCALES.get(match["scale"].lower(), 3)
        values = frozenset(_shifted(value, shift) for value in values)
    return frozenset(sign + value for value in values)


def decimal_readings(digits: str) -> frozenset[str]:
    """What a run of digits, points and commas may mean: one value, or two where German and English differ."""
    marks = [character for character in digits if not character.isdigit()]
    if not marks:
        return frozenset({_plain(digits)})
    if len(digits) > _LONGEST or ":" in marks:
        return frozenset({digits.lower()})
    groups = re.split(r"[^\d]", digits)
    whole, last = "".join(groups[:-1]), groups[-1]
    grouped = all(len(group) == 3 for group in groups[1:-1]) and len(groups[0]) <= 3
    if len(marks) > 1 and (not grouped or len(set(marks[:-1])) > 1):
        return frozenset({digits.lower()})
    readings = set()
    if len(marks) == 1 or marks[-1] != marks[0]:
        readings.add(_plain(whole, last))
    if len(last) == 3 and grouped and len(set(marks)) == 1 and groups[0] != "0":
        readings.add(_plain(whole + last))
    return frozenset(readings) or frozenset({digits.lower()})


def _plain(whole: str, fraction: str = "") -> str:
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def _shifted(value: str, places: int) -> str:
    """``value`` times ten to the power of ``places``."""
    whole, _, fraction = value.partition(".")
    if not (whole + fraction).isdigit():
        return value
    moved = fraction.ljust(places, "0")
    return _plain(whole + moved[:places], moved[places:])
