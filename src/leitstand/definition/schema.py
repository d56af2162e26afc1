"""What may stand in ``workflow.toml``, as JSON Schema for editors and for ``leitstand check``?

The schema is made from the dataclasses in ``domain.workflow``: their types, defaults and metadata. The file
``workflow.schema.json`` beside this module holds it for editors; a test keeps the two equal.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from leitstand.domain.workflow import Workflow

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SCALARS: dict[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def workflow_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of ``workflow.toml``. Callers must not change it."""
    return schema_of(Workflow)


@cache
def schema_of(kind: type) -> dict[str, Any]:
    """JSON Schema 2020-12 of a file that becomes the dataclass ``kind``. Callers must not change it."""
    return {"$schema": DIALECT, "title": f"{kind.__name__.lower()}.toml", **_of_type(kind)}


def schema_text() -> str:
    """The schema as the shipped file holds it."""
    return json.dumps(workflow_schema(), indent=2, ensure_ascii=False) + "\n"


def _of_type(kind: Any) -> dict[str, Any]:
    if dataclasses.is_dataclass(kind):
        return _of_dataclass(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [member.value for member in kind]}
    return {"type": _SCALARS[kind]} if kind in _SCALARS else _of_generic(typing.get_origin(kind), typing.get_args(kind))


def _of_generic(origin: Any, arguments: tuple[Any, ...]) -> dict[str, Any]:
    if origin is typing.Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _of_type(arguments[0])}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _of_type(arguments[1])}
    if origin in (types.UnionType, typing.Union):
        return _of_union(arguments)
    raise TypeError(f"no JSON Schema for {origin}")


def _of_union(arguments: tuple[Any, ...]) -> dict[str, Any]:
    """TOML has no null: a key that may be None is one that may be left out."""
    present = [argument for argument in arguments if argument is not type(None)]
    if len(present) == 1:
        return _of_type(present[0])
    return {"type": [_SCALARS[argument] for argument in present]}


def _of_dataclass(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    fields = dataclasses.fields(kind)
    required = [field.name for field in fields if field.default is field.default_factory is dataclasses.MISSING]
    schema: dict[str, Any] = {"type": "object", "additionalProperties": False}
    schema["properties"] = {field.name: _of_field(field, hints[field.name]) for field in fields}
    return {**schema, "required": required} if required else schema


def _of_field(field: dataclasses.Field[Any], kind: Any) -> dict[str, Any]:
    schema = {"description": field.metadata.get("help", ""), **_of_type(kind)}
    for keyword, value in field.metadata.items():
        if keyword != "help":
            inner = schema.get(keyword)
            schema[keyword] = {**inner, **value} if isinstance(inner, dict) else value
    if field.default not in (dataclasses.MISSING, None):
        schema["default"] = list(field.default) if isinstance(field.default, tuple) else field.default
    return schema
