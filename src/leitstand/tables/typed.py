"""Which value does the text of a CSV cell stand for? The input schema of the workflow says it."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from leitstand.tables.row import Fields

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def _integer(text: str) -> object:
    return int(text) if _INTEGER.fullmatch(text) else text


def _number(text: str) -> object:
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _boolean(text: str) -> object:
    return _BOOLEANS.get(text.strip().lower(), text)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


_READERS: Mapping[str, Callable[[str], object]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "array": _json,
    "object": _json,
}


def typing_of(properties: Mapping[str, Mapping[str, Any]]) -> Callable[[Fields], Fields]:
    """A function that turns the text of cells into what the schema of each field asks for.

    Text that is nothing of the kind stays text, so that the schema names it. Where a field may be text, it is text.
    """
    readers = {name: reader for name, schema in properties.items() if (reader := _reader(schema.get("type")))}

    def typed(fields: Fields) -> Fields:
        return {
            name: readers[name](value) if name in readers and isinstance(value, str) else value
            for name, value in fields.items()
        }

    return typed


def _reader(kind: object) -> Callable[[str], object] | None:
    kinds = kind if isinstance(kind, list) else [kind]
    if "string" in kinds:
        return None
    return next((_READERS[str(each)] for each in kinds if each in _READERS), None)
