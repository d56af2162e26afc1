"""Which form fields does a JSON Schema ask for, with which values in them?

Strings, numbers, yes and no, choices, lists of simple things and nested objects get fields of their own; anything
else is edited as JSON.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MOST_LEVELS = 4
LONG = 120
"""A string that may be longer than this many characters gets a text area."""

Schema = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field. ``pointer`` is its JSON Pointer, which is also its name in the form; ``value`` what stands in it.

    ``kind`` is ``text``, ``long``, ``number``, ``integer``, ``yesno``, ``choice``, ``choices``, ``lines``, ``json``
    or ``group``.
    """

    pointer: str
    label: str
    kind: str
    required: bool
    nullable: bool
    value: object
    help: str = ""
    options: tuple[str, ...] = ()
    fields: tuple["Field", ...] = ()
    items: str = ""
    minimum: object = None
    maximum: object = None
    problem: str = ""

    @property
    def text(self) -> str:
        """The value as a text field holds it."""
        match self.value:
            case None:
                return ""
            case str(text):
                return text
            case list(items) if self.kind == "lines":
                return "\n".join(str(item) for item in items)
            case other:
                return json.dumps(other, ensure_ascii=False, indent=2 if self.kind == "json" else None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a form is made from: the whole schema (for references), the fields that are long, what was wrong where."""

    root: Schema
    long: frozenset[str] = frozenset()
    problems: Mapping[str, str] = frozenset()  # type: ignore[assignment]


def spoken(schema: Schema, language: str) -> Schema:
    """``schema`` with every title and description in ``language`` where ``x-title-de`` and its like give one."""
    said = {key: _spoken(part, language) for key, part in schema.items()}
    return {**said, **{key: said[own] for key in ("title", "description") if (own := f"x-{key}-{language}") in said}}


def _spoken(part: object, language: str) -> object:
    if isinstance(part, Mapping):
        return spoken(part, language)
    return [_spoken(inner, language) for inner in part] if isinstance(part, list) else part


def fields_of(
    schema: Schema, value: Mapping[str, object], *, long: str = "", problems: Mapping[str, str] | None = None
) -> tuple[Field, ...]:
    """The fields of an object schema filled from ``value``; ``long`` names the property that holds the main text."""
    asked = Asked(root=schema, long=frozenset({f"/{escape(long)}"} if long else ()), problems=problems or {})
    return _fields(asked, schema, value, "", 0)


def _fields(asked: Asked, schema: Schema, value: Mapping[str, object], pointer: str, level: int) -> tuple[Field, ...]:
    properties, required = _mapping(schema.get("properties")), _sequence(schema.get("required"))
    return tuple(
        _field(
            asked,
            resolve(asked.root, _mapping(part)),
            value.get(name),
            (f"{pointer}/{escape(name)}", name, name in required, level),
        )
        for name, part in properties.items()
    )


def _field(asked: Asked, schema: Schema, value: object, place: tuple[str, str, bool, int]) -> Field:
    pointer, name, required, level = place
    kind, nullable = kind_of(asked, schema, pointer, level)
    if kind == "text" and isinstance(value, str) and ("\n" in value or len(value) > LONG):
        kind = "long"
    inner = _fields(asked, schema, _mapping(value), pointer, level + 1) if kind == "group" else ()
    items = resolve(asked.root, _mapping(schema.get("items")))
    return Field(
        pointer=pointer,
        label=str(schema.get("title") or name.replace("_", " ").capitalize()),
        kind=kind,
        required=required,
        nullable=nullable,
        value=value if value is not None else schema.get("default"),
        help=str(schema.get("description", "")),
        options=tuple(
            str(option)
            for option in _sequence((items if kind == "choices" else schema).get("enum"))
            if option is not None
        ),
        fields=inner,
        items=str(items.get("type", "string")),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        problem=asked.problems.get(pointer, ""),
    )


def kind_of(  # noqa: PLR0911 - one per kind
    asked: Asked, schema: Schema, pointer: str, level: int
) -> tuple[str, bool]:
    """The kind of field for a schema, and whether it may be null."""
    given = schema.get("type")
    types = [given] if isinstance(given, str) else list(_sequence(given))
    nullable = "null" in types
    types = [name for name in types if name != "null"]
    if options := _sequence(schema.get("enum")):
        simple = all(isinstance(option, str) or option is None for option in options)
        return ("choice" if simple else "json"), nullable or None in options
    if len(types) != 1:
        return "json", nullable
    match types[0]:
        case "string":
            return ("long" if pointer in asked.long or _is_long(schema) else "text"), nullable
        case "number" | "integer" as number:
            return str(number), nullable
        case "boolean":
            return "yesno", nullable
        case "array":
            return _list_kind(resolve(asked.root, _mapping(schema.get("items")))), nullable
        case "object" if schema.get("properties") and level < MOST_LEVELS and not nullable:
            return "group", False
        case _:
            return "json", nullable


def _is_long(schema: Schema) -> bool:
    most = schema.get("maxLength")
    return "format" not in schema and "pattern" not in schema and isinstance(most, int) and most > LONG


def _list_kind(items: Schema) -> str:
    options = _sequence(items.get("enum"))
    if options and all(isinstance(option, str) for option in options):
        return "choices"
    return "lines" if items.get("type") in ("string", "number", "integer") and not options else "json"


def resolve(root: Schema, schema: Schema) -> Schema:
    """The schema behind a local reference; what cannot be resolved becomes a field of JSON."""
    for _ in range(MOST_LEVELS):
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        found: object = root
        for part in reference.removeprefix("#").split("/")[1:]:
            found = _mapping(found).get(part.replace("~1", "/").replace("~0", "~"))
        schema = _mapping(found)
    return {}


def escape(name: str) -> str:
    """A property name as a part of a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()
