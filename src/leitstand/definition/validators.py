"""Are ``input.schema.json`` and ``output.schema.json`` usable contracts?"""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema_rs import ValidationError, meta  # type: ignore[attr-defined]

from leitstand.definition.documents import Report, read_json, shown
from leitstand.definition.places import Place
from leitstand.definition.schema import DIALECT
from leitstand.domain.errors import translatable
from leitstand.json_contract import clipped, validator


def read_contract(content: bytes, report: Report) -> dict[str, Any] | None:
    """The schema of an object in ``content``; None with problems when it is not usable as a contract."""
    schema = read_json(content, report)
    if schema is None:
        return None
    before = len(report.problems)
    _check_dialect(schema, report)
    if len(report.problems) == before:
        _check_schema(schema, report)
    return schema if len(report.problems) == before else None


def string_property(schema: Mapping[str, Any], name: str) -> bool:
    """Whether the object that ``schema`` describes has a property of that name whose values are text."""
    found = _resolved(schema, schema.get("properties", {}).get(name, {}))
    return found.get("type") == "string"


def properties_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Name to schema of each property, local references resolved."""
    return {name: _resolved(schema, inner) for name, inner in schema.get("properties", {}).items()}


def _check_dialect(schema: Any, report: Report) -> None:
    if not isinstance(schema, dict) or schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
        report.add(
            (),
            translatable("This is not the schema of an object with properties."),
            translatable("Begin with {example}."),
            example='{"type": "object", "properties": {...}}',
        )
    elif schema.get("$schema", DIALECT).rstrip("#") != DIALECT if isinstance(schema.get("$schema", ""), str) else True:
        report.add(
            ("$schema",),
            translatable("The schema is written in another dialect: {value}."),
            translatable("Write {example}, or leave `$schema` out."),
            value=shown(schema["$schema"]),
            example=f'"{DIALECT}"',
        )


def _check_schema(schema: dict[str, Any], report: Report) -> None:
    for place, reference in _references(schema, ()):
        if not (isinstance(reference, str) and reference.startswith("#")):
            report.add(
                place,
                translatable("The reference {value} leads out of the file."),
                translatable("Copy the schema under `$defs` and refer to it with `#/$defs/NAME`."),
                value=shown(reference),
            )
            return
    try:
        meta.validate(schema)
        validator(schema)
    except ValidationError as error:
        report.add(
            _whereabouts(schema, error, report),
            translatable("This is not valid JSON Schema: {detail}."),
            translatable("Correct it; https://json-schema.org/draft/2020-12 describes every keyword."),
            detail=clipped(error.message),
        )


def _whereabouts(schema: Any, error: ValidationError, report: Report) -> Place:
    """Where the error is; of a bad pattern only the schema around it is named."""
    path = tuple(error.instance_path)
    inside = (place for place in report.lines if place[: len(path)] == path)
    return next((place for place in inside if path and _at(schema, place) == error.instance), path)


def _at(value: Any, place: Place) -> object:
    for part in place:
        value = value[part]
    return value


def _references(schema: Any, place: Place) -> Iterator[tuple[Place, object]]:
    """Every reference with its place; ``$id`` counts as one, because it would move the others."""
    pairs = enumerate(schema) if isinstance(schema, list) else schema.items() if isinstance(schema, dict) else ()
    for key, inner in pairs:
        if key in ("$ref", "$dynamicRef", "$id") and place[-1:] not in (("properties",), ("$defs",)):
            yield (*place, key), inner
        yield from _references(inner, (*place, key))


def _resolved(schema: Mapping[str, Any], inner: Any) -> dict[str, Any]:
    """``inner`` or what it refers to; a reference that cannot be followed resolves to nothing."""
    for _ in range(10):
        if not isinstance(inner, dict) or "$ref" not in inner:
            break
        found: Any = schema
        for part in str(inner["$ref"]).lstrip("#/").split("/"):
            found = found.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
        inner = found
    return inner if isinstance(inner, dict) else {}
