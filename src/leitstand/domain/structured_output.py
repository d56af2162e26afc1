"""Which JSON object did a model mean with its text, and did the text need the one repair that is allowed?

The repair: markdown fences, prose or a byte-order mark around one JSON object are cut away. Nothing inside the object
is ever mended; an object that is cut off, ambiguous or not representable as JSON again is a problem, not a value.
"""

import json
import math
import re
from dataclasses import dataclass

DEEPEST = 64
"""Levels of nesting; deeper output would break readers further down."""

_OBJECT_BEGINS = re.compile(r'\{\s*["}]')
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedOutput:
    """``value`` is the object, None when there is none: then ``problem`` says why, in words without the model's own.

    ``repaired`` is True when something around the object was cut away.
    """

    value: dict[str, object] | None
    repaired: bool = False
    problem: str = ""


class _Unusable(ValueError):
    """JSON that reads, but must not be believed."""


def parse_output(text: str) -> ParsedOutput:
    """The one JSON object in a model's text; never raises."""
    try:
        return ParsedOutput(value=_checked(_DECODER.decode(text)))
    except _Unusable as unusable:
        is_prose = text.lstrip()[:1] not in ("{", "[", '"') and _OBJECT_BEGINS.search(text)
        return _repaired(text) if is_prose else ParsedOutput(value=None, problem=str(unusable))
    except RecursionError:
        return ParsedOutput(value=None, problem="the JSON is nested too deeply")
    except ValueError:
        return _repaired(text)


def _repaired(text: str) -> ParsedOutput:
    begins = _OBJECT_BEGINS.search(text)
    if begins is None:
        problem = "there is no JSON object in the text" if text.strip() else "the text is empty"
        return ParsedOutput(value=None, problem=problem)
    try:
        value, end = _DECODER.raw_decode(text, begins.start())
        if _OBJECT_BEGINS.search(text, end):
            raise _Unusable("there is more than one JSON object in the text")
        return ParsedOutput(value=_checked(value), repaired=True)
    except _Unusable as unusable:
        return ParsedOutput(value=None, problem=str(unusable))
    except RecursionError:
        return ParsedOutput(value=None, problem="the JSON is nested too deeply")
    except ValueError:
        return ParsedOutput(value=None, problem="the JSON object is broken or cut off")


def _checked(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _Unusable(f"the JSON is {_KINDS.get(type(value), 'null')} instead of an object")
    level: list[object] = [value]
    for _ in range(DEEPEST):
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return value
    raise _Unusable("the JSON is nested too deeply")


_KINDS = {list: "a list", str: "a string", int: "a number", float: "a number", bool: "a truth value"}


def _inside(item: object) -> list[object]:
    match item:
        case dict():
            return [*item, *item.values()]
        case list():
            return item
        case str() if not item.isascii() and _HALF_CHARACTER.search(item):
            raise _Unusable("a string holds half a character")
        case _:
            return []


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise _Unusable("a key occurs twice in one object")
    return values


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Unusable("a number is too large")
    return number


def _whole(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
        raise _Unusable("a number is too large")
    return int(digits)


def _constant(name: str) -> object:
    raise _Unusable(f"{name} is not a number in JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_int=_whole, parse_constant=_constant)
