"""How does a file of statements become statements that can be sent, each under its name?"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from operator import itemgetter
from typing import Any

Values = Mapping[str, Any]

_NAME = re.compile(r"(?<![:\w]):([a-z]\w*)")
"""``:name``, and not the type in ``value::type``."""


def named(file: str) -> dict[str, str]:
    """Name to statement of a file beside this one, in which ``-- name: x`` stands above each statement."""
    text = resources.files(__package__).joinpath(file).read_text("utf-8")
    parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)
    return {name: statement.strip() for name, statement in zip(parts[1::2], parts[2::2], strict=True)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Positional:
    """A statement whose values stand in order; ``values`` puts named ones in that order."""

    text: str
    values: Callable[[Values], tuple[Any, ...]]


def question_marks(statement: str) -> Positional:
    """The statement with a ``?`` for each ``:name``, as often as it appears."""
    return Positional(text=_NAME.sub("?", statement), values=_in_order(_NAME.findall(statement)))


def dollars(statement: str) -> Positional:
    """The statement with ``$1``, ``$2`` … for its names, the same number wherever the same name stands."""
    order = list(dict.fromkeys(_NAME.findall(statement)))
    numbers = {name: f"${place}" for place, name in enumerate(order, start=1)}
    return Positional(text=_NAME.sub(lambda found: numbers[found[1]], statement), values=_in_order(order))


def _in_order(names: list[str]) -> Callable[[Values], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)
