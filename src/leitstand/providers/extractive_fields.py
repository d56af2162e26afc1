"""What can be filled into a schema by reading alone: values in the input, categories whose words it shares?"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import re2

from leitstand.domain.message import Grounding
from leitstand.domain.sentences import sentences
from leitstand.language.facts import Fact, facts
from leitstand.language.reading import Reading, read, read_source

NEUTRAL = ("other", "unknown", "none", "normal", "sonstiges", "andere", "anderes", "unbekannt", "keine")
"""Enum values that claim nothing; chosen when no other shares a word with the input."""

_CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP"}
_CURRENCY = re.compile(r"[€$£]|\b[A-Z]{3}\b")
_TOKEN = re.compile(r"[^\s,;]*[^\s,;.:!?]")
_VALUE = re.compile(r"\s*(?:no|nr|nummer|number)?[.:#\s]*(?P<value>[^\n]+)", re.IGNORECASE)
_INPUT_CHARS = 20_000
_NEAR = 120


class Unfillable(Exception):
    """A required field whose value cannot be read off the texts."""


def fill(schema: Mapping[str, Any], grounding: Grounding) -> dict[str, Any]:
    """An object for ``schema`` from the texts; raises ``Unfillable`` for the first required field without a value."""
    required = set(schema.get("required", ()))
    filled: dict[str, Any] = {}
    for name, inner in schema.get("properties", {}).items():
        try:
            filled[name] = _value(name, inner, grounding)
        except Unfillable:
            if name in required:
                raise
    missing = required - filled.keys()
    if missing:
        raise Unfillable(f"nothing can be read off the texts for {min(missing)}")
    return filled


def _value(name: str, schema: Any, grounding: Grounding) -> Any:
    if not isinstance(schema, Mapping):
        raise Unfillable(f"nothing can be read off the texts for {name}")
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return _category(name, schema["enum"], grounding)
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds or ())
    for kind in kinds:
        found = _by_kind(kind, name, schema, grounding)
        if found is not None:
            return found
    if "null" in kinds:
        return None
    raise Unfillable(f"nothing can be read off the texts for {name}")


def _by_kind(kind: str, name: str, schema: Mapping[str, Any], grounding: Grounding) -> Any:
    match kind:
        case "string":
            return _string(name, schema, grounding)
        case "integer" | "number":
            return _number(name, kind, schema, grounding)
        case "object":
            return fill(schema, grounding)
        case "array" if not schema.get("minItems"):
            return []
        case _:
            return None


def _category(name: str, values: list[Any], grounding: Grounding) -> Any:
    """The value whose words, or whose description in a passage, share most with the input; else the neutral one."""
    wanted = set(read(grounding.question[:_INPUT_CHARS], grounding.language).content)
    scores = [len(wanted & _words_of(value, grounding)) if isinstance(value, str) else 0 for value in values]
    neutral = [value for value in values if isinstance(value, str) and value.casefold() in NEUTRAL]
    if max(scores, default=0) == 0:
        if neutral:
            return neutral[0]
        raise Unfillable(f"no word of the input speaks for a value of {name}")
    return values[scores.index(max(scores))]


def _words_of(value: str, grounding: Grounding) -> set[str]:
    """Stems of a category's name and of the sentences, or the titled passages, that name it."""
    own = read(value.replace("_", " "), grounding.language)
    stems = set(own.content)
    for passage in grounding.passages:
        language = passage.language or grounding.language
        if _names(read_source(passage.title, language), value):
            stems |= set(read_source(passage.text, language).content)
            continue
        for span in sentences(passage.text):
            sentence = read_source(passage.text[span.start : span.end], language)
            if _names(sentence, value):
                stems |= set(sentence.content)
    return stems


def _names(reading: Reading, value: str) -> bool:
    return set(value.casefold().replace("_", " ").split()) <= reading.folded


def _string(name: str, schema: Mapping[str, Any], grounding: Grounding) -> str | None:
    text = grounding.question[:_INPUT_CHARS]
    fits = _fitting(schema)
    starts = _label_ends(name, schema, text, grounding.language)
    candidates = _candidates(text, starts, patterned="pattern" in schema or schema.get("format") == "date")
    for candidate in candidates:
        if candidate and fits(candidate):
            return candidate
    return "" if fits("") else None


def _fitting(schema: Mapping[str, Any]) -> Any:
    """Whether a text keeps the limits that a string schema sets; a pattern that re2 does not know fits nothing."""
    limit, least = schema.get("maxLength", _INPUT_CHARS), schema.get("minLength", 0)
    options = re2.Options()
    options.log_errors = False
    try:
        pattern = re2.compile(schema["pattern"], options) if "pattern" in schema else None
    except re2.error:
        return lambda text: False  # noqa: ARG005
    is_date = schema.get("format") == "date"
    date = re.compile(r"\d{4}-\d\d-\d\d")

    def fits(text: str) -> bool:
        if not least <= len(text) <= limit or (pattern and not pattern.search(text)):
            return False
        return not is_date or bool(date.fullmatch(text))

    return fits


def _candidates(text: str, starts: list[int], *, patterned: bool) -> Iterator[str]:
    """Values after a label of the field, nearest first; for fields with a pattern also any value of the text."""
    for start in starts:
        line = _VALUE.match(text, start)
        if line and not patterned:
            value = line["value"].strip()
            first = _TOKEN.match(value)
            yield first.group() if first and any(letter.isdigit() for letter in first.group()) else value
        yield from _values(text[start : start + _NEAR]) if patterned else ()
    if patterned:
        yield from _values(text)


def _values(text: str) -> Iterator[str]:
    """Dates as ISO, amounts with a decimal point and two places, currency codes, then tokens as they stand."""
    found = facts(text)
    for fact in found:
        yield from sorted(reading for reading in fact.readings if fact.kind == "date")
    for fact in found:
        yield from _amounts(fact)
    for match in _CURRENCY.finditer(text):
        yield _CURRENCIES.get(match.group(), match.group())
    for match in _TOKEN.finditer(text):
        yield match.group()


def _amounts(fact: Fact) -> Iterator[str]:
    for reading in sorted(fact.readings) if fact.kind == "number" else ():
        whole, _, fraction = reading.partition(".")
        if whole.lstrip("-").isdigit() and len(fraction) <= 2:
            yield f"{whole}.{fraction.ljust(2, '0')}"


def _number(name: str, kind: str, schema: Mapping[str, Any], grounding: Grounding) -> int | float | None:
    """The number nearest after a label of the field."""
    text = grounding.question[:_INPUT_CHARS]
    for start in _label_ends(name, schema, text, grounding.language):
        for reading in _numbers(text[start : start + _NEAR]):
            if kind == "integer" and reading.lstrip("-").isdigit():
                return int(reading)
            if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", reading):
                return float(reading)
    return None


def _numbers(text: str) -> Iterator[str]:
    """Every way to read the numbers of a text, in their order."""
    for fact in facts(text):
        yield from sorted(fact.readings) if fact.kind == "number" else ()


def _label_ends(name: str, schema: Mapping[str, Any], text: str, language: str) -> list[int]:
    """Where in the text the words of a field's title end, the longest match first, then its single words."""
    title = str(schema.get("title", name.replace("_", " ")))
    labels = set(read(title, language).content) | set(read(name.replace("_", " "), "en").content)
    labels -= set(read("number nummer date datum name", language).content) if len(labels) > 1 else set()
    return [word.end for word in read(text, language).found if word.stem in labels]
