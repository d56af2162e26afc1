"""What breaks a JSON Schema (2020-12), and where? Patterns run in linear time, and nothing is ever fetched."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jsonschema_rs import Draft202012Validator, RegexOptions

Breaches = tuple[tuple[str, str], ...]
"""JSON pointer and what is wrong there."""

MOST_BREACHES = 100


def validator(schema: Mapping[str, Any], most: int = MOST_BREACHES) -> Callable[[object], Breaches]:
    """A function that tells how data breaks ``schema``: the first ``most`` breaches, none when it fits.

    Raises ``ValueError`` for a schema that is none; of a bad keyword it is a ``jsonschema_rs.ValidationError``.
    """
    compiled = Draft202012Validator(dict(schema), retriever=_nothing, pattern_options=RegexOptions())

    def breaches(data: object) -> Breaches:
        try:
            if compiled.is_valid(data):
                return ()
        except ValueError:
            if too_large := _too_large(data):
                return (too_large,)
            raise
        errors = zip(compiled.iter_errors(data), range(most), strict=False)
        return tuple((_pointer(error.instance_path), clipped(error.message)) for error, _ in errors)

    return breaches


def clipped(text: str) -> str:
    """A message of the library on one line, at most 300 characters."""
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= 300 else f"{text[:297]}..."


def _nothing(uri: str) -> Any:
    raise ValueError(f"{uri} is not in the schema")


def _too_large(data: object) -> tuple[str, str] | None:
    """The first whole number beyond 64 bits, which the library cannot judge; None when there is none."""
    waiting: list[tuple[list[str | int], object]] = [([], data)]
    for path, value in waiting:
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            number = str(value) if abs(value) < 10**57 else f"{str(value)[:57]}..."
            return _pointer(path), f"{number} is beyond 64 bits; send a smaller number, or a text"
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        waiting.extend(([*path, key], item) for key, item in inner)
    return None


def _pointer(path: Sequence[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
