"""Which keys and values of a TOML file break its schema, and how is each mended?"""

import datetime
import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError, ValidationErrorKind

from leitstand.definition.documents import DID_YOU_MEAN, Report, key_of, nearest, shown
from leitstand.definition.places import Place
from leitstand.definition.schema import schema_of
from leitstand.domain.errors import translatable
from leitstand.domain.workflow import Workflow

_LARGEST = 2**53
"""Beyond it JSON readers disagree about integers."""


def check_values(data: Mapping[str, Any], report: Report, kind: type = Workflow) -> bool:
    """Whether ``data`` keeps the schema of the dataclass ``kind``; every breach becomes a problem."""
    errors = list(_validator(kind).iter_errors(_as_json(data)))
    mistyped = {tuple(error.instance_path) for error in errors if isinstance(error.kind, ValidationErrorKind.Type)}
    for error in errors:
        if isinstance(error.kind, ValidationErrorKind.Type) or tuple(error.instance_path) not in mistyped:
            _explain(error, data, schema_of(kind), report)
    return not errors


@cache
def _validator(kind: type) -> Draft202012Validator:
    return Draft202012Validator(schema_of(kind))


def _as_json(value: object) -> Any:
    """``value`` with None for what TOML has and JSON has not, so that it breaks every type."""
    if isinstance(value, Mapping):
        return {key: _as_json(element) for key, element in value.items()}
    if isinstance(value, list):
        return [_as_json(element) for element in value]
    if isinstance(value, datetime.date | datetime.time):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value if math.isfinite(value) and abs(value) <= _LARGEST else None
    return value


def _explain(error: ValidationError, data: Mapping[str, Any], whole: Mapping[str, Any], report: Report) -> None:
    place: Place = tuple(error.instance_path)
    schema = _schema_at(place, whole)
    match error.kind:
        case ValidationErrorKind.AdditionalProperties(unexpected=unexpected):
            for key in unexpected:
                _unknown_key(place, key, schema, report)
        case ValidationErrorKind.Required(property=key):
            _missing_key(place, key, schema, report)
        case ValidationErrorKind.PropertyNames():
            _bad_names(_value_at(data, place), place, schema, report)
        case kind:
            _bad_value(kind, (place, _value_at(data, place)), schema, report)


def _unknown_key(place: Place, key: str, schema: Mapping[str, Any], report: Report) -> None:
    known = list(schema["properties"])
    suggestion = nearest(key, known)
    report.add(
        (*place, key),
        translatable("The key `{key}` is unknown."),
        DID_YOU_MEAN if suggestion else translatable("Remove it; known here: {known}."),
        key=key_of((*place, key)),
        suggestion=suggestion,
        known=", ".join(known),
    )


def _missing_key(place: Place, key: str, schema: Mapping[str, Any], report: Report) -> None:
    report.add(
        place,
        translatable("The key `{key}` is missing."),
        translatable("Add `{example}`."),
        key=key_of((*place, key)),
        example=_assignment(key, schema["properties"][key]),
    )


def _bad_names(table: Mapping[str, object], place: Place, schema: Mapping[str, Any], report: Report) -> None:
    pattern = schema["propertyNames"]["pattern"]
    for name in table:
        if not re.search(pattern, name):
            report.add(
                (*place, name),
                translatable("`{key}` has the unusable key {value}."),
                translatable("Use keys that match `{pattern}`, for instance `{example}`."),
                key=key_of(place),
                value=shown(name),
                pattern=pattern,
                example="de",
            )


def _bad_value(kind: Any, found: tuple[Place, object], schema: Mapping[str, Any], report: Report) -> None:
    place, value = found
    repair, values = _repair(kind, value, schema)
    report.add(
        place, translatable("`{key}` has the value {value}."), repair, key=key_of(place), value=shown(value), **values
    )


def _repair(kind: Any, value: object, schema: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {"example": example_of(schema)}
    match kind:
        case ValidationErrorKind.Type():
            return _TYPES[_type_name(schema)], values
        case ValidationErrorKind.Enum(options=options):
            known = [str(option) for option in options]
            if value in RETIRED:
                return RETIRED[str(value)], {"known": ", ".join(known)}
            suggestion = nearest(value, known) if isinstance(value, str) else ""
            return (
                DID_YOU_MEAN if suggestion else translatable("Use one of: {known}."),
                {"known": ", ".join(known), "suggestion": suggestion},
            )
        case ValidationErrorKind.Pattern(pattern=pattern):
            return translatable("It must match `{pattern}`, for instance {example}."), {**values, "pattern": pattern}
        case _:
            template = _LIMITS.get(type(kind).__name__.rpartition("_")[2], translatable("Write {example}."))
            return template, {**values, "limit": getattr(kind, "limit", "")}


RETIRED = {
    "confidential": translatable(
        "It is two classes now: `secret` for what must not leave the house, `internal` for the rest."
    )
}
"""Values of old workflow files, and what to write instead."""

_TYPES = {
    "string": translatable("Write text in quotes, for instance {example}."),
    "integer": translatable("Write a whole number, for instance {example}."),
    "number": translatable("Write a number, for instance {example}."),
    "boolean": translatable("Write `true` or `false`."),
    "array": translatable("Write a list, for instance {example}."),
    "object": translatable("Write a table, for instance {example}."),
    "scalar": translatable("Write text, a number, `true` or `false`."),
}

_LIMITS = {
    "Minimum": translatable("It must be at least {limit}."),
    "Maximum": translatable("It must be at most {limit}."),
    "ExclusiveMinimum": translatable("It must be more than {limit}."),
    "ExclusiveMaximum": translatable("It must be less than {limit}."),
    "MinLength": translatable("It must not be empty."),
    "MinItems": translatable("It must not be empty."),
    "MinProperties": translatable("It must not be empty."),
    "MaxItems": translatable("It may have {limit} elements at most."),
    "UniqueItems": translatable("Remove what stands there twice."),
}


def _type_name(schema: Mapping[str, Any]) -> str:
    kind = schema["type"]
    return kind if isinstance(kind, str) else "scalar"


def _schema_at(place: Place, whole: Mapping[str, Any]) -> Mapping[str, Any]:
    schema: Any = whole
    for part in place:
        if isinstance(part, int):
            schema = schema["items"]
        else:
            schema = schema.get("properties", {}).get(part) or schema["additionalProperties"]
    return dict(schema)


def _value_at(data: Any, place: Place) -> Any:
    for part in place:
        data = data[part]
    return data


def _assignment(key: str, schema: Mapping[str, Any]) -> str:
    return f"{key} = {example_of(schema)}"


def example_of(schema: Mapping[str, Any]) -> str:
    """A value in TOML that the schema takes."""
    if "examples" in schema:
        return _in_toml(schema["examples"][0])
    if "default" in schema:
        return _in_toml(schema["default"])
    if "enum" in schema:
        return _in_toml(schema["enum"][0])
    return _EXAMPLES[_type_name(schema)](schema)


def _in_toml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_in_toml(element) for element in value)}]"
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


def _table(schema: Mapping[str, Any]) -> str:
    wanted = schema.get("required", ())
    inside = [_assignment(key, schema["properties"][key]) for key in wanted] if wanted else ['en = "..."']
    return f"{{ {', '.join(inside)} }}"


def _number(schema: Mapping[str, Any]) -> str:
    return str(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))


_EXAMPLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "string": lambda _: '"..."',
    "integer": _number,
    "number": _number,
    "boolean": lambda _: "true",
    "array": lambda schema: f"[{example_of(schema['items'])}]",
    "object": _table,
    "scalar": lambda _: '"..."',
}
