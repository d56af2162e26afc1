"""What does a filled form say in terms of the schema it was made from?"""

import json
import math
from collections.abc import Iterable, Mapping

from leitstand.domain.errors import translatable
from leitstand.web.pages.form import Field
from leitstand.web.pages.posted import Form

NOT_A_NUMBER = translatable("This is not a number.")
NOT_WHOLE = translatable("This is not a whole number.")
NOT_JSON = translatable("This is not JSON.")

_LEAVE_OUT = object()


def read_output(
    fields: Iterable[Field], form: Form, draft: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, str]]:
    """The output that the form describes, and what could not be read: pointer to a template.

    Properties of ``draft`` that have no field are kept. An empty field that is not required is left out.
    """
    fields = tuple(fields)
    problems: dict[str, str] = {}
    shown = {_name(field) for field in fields}
    output = {name: value for name, value in draft.items() if name not in shown}
    output.update(_read_all(fields, form, problems))
    return output, problems


def _read_all(fields: Iterable[Field], form: Form, problems: dict[str, str]) -> dict[str, object]:
    found = {}
    for field in fields:
        value = _read(field, form, problems)
        if value is not _LEAVE_OUT:
            found[_name(field)] = value
    return found


def _name(field: Field) -> str:
    return field.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _read(field: Field, form: Form, problems: dict[str, str]) -> object:
    if field.kind == "group":
        inner = _read_all(field.fields, form, problems)
        return inner if inner or field.required else _LEAVE_OUT
    if field.kind == "choices":
        chosen = form.all(field.pointer)
        return chosen if chosen or field.required else _LEAVE_OUT
    text = form.get(field.pointer)
    if not text.strip():
        return _empty(field)
    try:
        return _value(field, text)
    except ValueError:
        wrong = {"integer": NOT_WHOLE, "json": NOT_JSON}.get(field.kind, NOT_A_NUMBER)
        problems[field.pointer] = wrong
        return text


def _empty(field: Field) -> object:
    """What an empty field means: nothing, null, or an empty text or list where something is required."""
    if field.nullable:
        return None if field.required else _LEAVE_OUT
    if not field.required:
        return _LEAVE_OUT
    return {"lines": [], "text": "", "long": ""}.get(field.kind)


def _value(field: Field, text: str) -> object:
    match field.kind:
        case "number" | "integer":
            return _number(text, whole=field.kind == "integer")
        case "yesno":
            return text == "true"
        case "lines":
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            return (
                lines if field.items == "string" else [_number(line, whole=field.items == "integer") for line in lines]
            )
        case "json":
            return json.loads(text)
        case _:
            return text


def _number(text: str, *, whole: bool) -> int | float:
    """A number as people write it: a comma may stand for the point when there is no point."""
    plain = text.strip()
    if "." not in plain and plain.count(",") == 1:
        plain = plain.replace(",", ".")
    if whole or plain.lstrip("+-").isdigit():
        return int(plain)
    value = float(plain)
    if not math.isfinite(value):
        raise ValueError(text)
    return value
