"""How does plain data become a ``Workflow``, and a ``Workflow`` plain data again?

Converting never judges: ``strict`` has judged a folder before, and a stored release was judged when it was made.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from leitstand.domain.workflow import Workflow

Made = TypeVar("Made")


def to_workflow(data: Mapping[str, Any]) -> Workflow:
    """The workflow that ``data`` describes.

    Keys that this code does not know are left out and missing ones get their defaults, so that a stored release stays
    readable. Raises ``TypeError``, ``ValueError`` or ``AttributeError`` for data that never was a workflow.
    """
    return converted(Workflow, data)


def converted(kind: type[Made], data: Mapping[str, Any]) -> Made:
    """The dataclass ``kind`` that ``data`` describes; keys as in ``to_workflow``."""
    made: Made = _convert(kind, data)
    return made


def to_json(workflow: Workflow) -> bytes:
    """The workflow with every default written out, as JSON with sorted keys."""
    return json.dumps(dataclasses.asdict(workflow), sort_keys=True, ensure_ascii=False, indent=1).encode()


def _convert(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: _convert(hints[name], value[name]) for name in hints if name in value})  # type: ignore[operator]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return tuple(_convert(arguments[0], element) for element in value)
    if origin is Mapping:
        return {key: _convert(arguments[1], element) for key, element in value.items()}
    if origin in (types.UnionType, typing.Union):
        present = [argument for argument in arguments if argument is not type(None)]
        return _convert(present[0], value) if len(present) == 1 and value is not None else value
    return value if origin is typing.Literal else kind(value)
