"""Which rows does a file of JSON lines hold?"""

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from leitstand.domain.errors import translatable
from leitstand.tables.lines import lines_of
from leitstand.tables.row import Fields, Row, RowBroken, shown

DEEPEST = 64

_KEY_ENDS = re.compile(rb'"[ \t\n\r]*:')
_DECODE = msgspec.json.Decoder().decode
_ONE_A_LINE = translatable("Write one JSON object a line.")


def rows(stream: BinaryIO, name: str, longest: int) -> Iterator[Row]:
    """Every line that is not blank, broken ones included; ``name`` is what problems call the file."""
    number = 0
    for line, content in lines_of(stream, longest):
        if isinstance(content, bytes) and not content.strip():
            continue
        number += 1
        if isinstance(content, RowBroken):
            yield Row(number=number, line=line, raw="", problem=content.problem(name, line))
            continue
        raw = content.decode("utf-8", "replace").rstrip("\r\n")
        try:
            yield Row(number=number, line=line, raw=raw, fields=object_of(content))
        except RowBroken as broken:
            yield Row(number=number, line=line, raw=raw, problem=broken.problem(name, line))


def object_of(content: bytes) -> Fields:
    """The one JSON object that ``content`` is: no NaN, no key twice, not nested absurdly deep."""
    try:
        value = _DECODE(content)
        if len(_KEY_ENDS.findall(content)) != _count_keys(value, DEEPEST):
            json.loads(content, object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        detail = f"byte {error.start + 1} is not UTF-8"
        raise _not_json(detail, translatable("Save the file as UTF-8.")) from None
    except RecursionError:
        raise _not_json("it is nested too deeply", _ONE_A_LINE) from None
    except (msgspec.DecodeError, ValueError) as error:
        raise _not_json(str(error).removeprefix("JSON is malformed: ").rstrip("."), _ONE_A_LINE) from None
    if not isinstance(value, dict):
        raise RowBroken(translatable("The row is no JSON object: {value}."), _ONE_A_LINE, value=shown(value))
    return value


def _not_json(detail: str, repair: str) -> RowBroken:
    return RowBroken(translatable("The row is not JSON: {detail}."), repair, detail=detail)


def _once(pairs: list[tuple[str, object]]) -> Fields:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {shown(twice)} comes twice")
    return found


def _count_keys(value: object, left: int) -> int:
    """Keys of all objects in ``value``: as often a quote meets a colon, or more often when a key comes twice."""
    if not isinstance(value, dict | list):
        return 0
    if left == 0:
        raise RecursionError
    inner, own = (value.values(), len(value)) if isinstance(value, dict) else (value, 0)
    return own + sum(_count_keys(item, left - 1) for item in inner if isinstance(item, dict | list))
