"""How does a workflow's JSON schema keep its meaning inside another document?"""

from collections.abc import Mapping
from typing import Any

_VALUES = frozenset({"const", "default", "enum", "examples"})
_NAMED = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"})
_OWN_PLACE = frozenset({"$id", "$schema"})


def moved(schema: Mapping[str, object], root: str) -> dict[str, Any]:
    """A copy of ``schema`` whose local references lead below ``root``, as ``#/components/schemas/x``."""
    return {key: _moved(key, value, root) for key, value in schema.items() if key not in _OWN_PLACE}


def _moved(key: str, value: object, root: str) -> object:
    if key in _VALUES:
        return value
    if key == "$ref" and isinstance(value, str) and value.startswith("#"):
        return root + value[1:]
    if isinstance(value, Mapping):
        if key in _NAMED:
            return {name: moved(inner, root) if isinstance(inner, Mapping) else inner for name, inner in value.items()}
        return moved(value, root)
    if isinstance(value, list | tuple):
        return [moved(inner, root) if isinstance(inner, Mapping) else inner for inner in value]
    return value
