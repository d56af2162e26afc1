"""What does a TOML or JSON file of the folder hold, and where does it break off when it cannot be read?"""

import codecs
import difflib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from leitstand.definition.places import Place, json_lines, line_of, toml_lines
from leitstand.domain.errors import Problem, translatable

LONGEST_TEXT = 1_000_000
"""A file that people write by hand is at most this long, in bytes."""

DEEPEST = 64
"""Values nested deeper than this are refused: validators further down have limits of their own."""

DID_YOU_MEAN = translatable("Did you mean `{suggestion}`?")


@dataclass(slots=True)
class Report:
    """Collects what is wrong in one file; ``lines`` tells where its keys stand."""

    file: str
    problems: list[Problem]
    lines: Mapping[Place, int] = field(default_factory=dict)

    def add(self, place: Place | int, message: str, repair: str, **values: object) -> None:
        """Add a problem at a key's place or on a line; ``values`` fill the templates."""
        line = place if isinstance(place, int) else line_of(self.lines, place)
        filled = tuple((name, str(value)) for name, value in values.items())
        problem = Problem(file=self.file, line=line, message=message, repair=repair, values=filled)
        if problem not in self.problems:
            self.problems.append(problem)


def key_of(place: Place) -> str:
    """A place as people write it: ``draft.chain[1].model`` counts list positions from 1."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: object) -> str:
    """A bad value for a message: as JSON where it can be, at most 60 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that looks most like ``word`` or goes on from it, ``""`` when none does."""
    word, words = word.lower(), sorted(known)
    longer = (other for other in words if len(word) > 2 and other.startswith(word))
    return next(iter(difflib.get_close_matches(word, words, n=1, cutoff=0.6)), "") or next(longer, "")


def decoded(content: bytes, report: Report, limit: int = LONGEST_TEXT) -> str | None:
    """The text behind UTF-8 bytes, with or without a byte order mark; None with a problem when it is none."""
    if len(content) > limit:
        report.add(
            0,
            translatable("The file is {size} bytes long; at most {limit} can be read."),
            translatable("Shorten it; long texts belong into `knowledge/`."),
            size=len(content),
            limit=limit,
        )
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report.add(
            content.count(b"\n", 0, error.start) + 1,
            translatable("The byte {byte} is not UTF-8 text."),
            translatable("Save the file as UTF-8."),
            byte=f"0x{content[error.start]:02x}",
        )
        return None


def read_toml(content: bytes, report: Report) -> dict[str, Any] | None:
    """The tables of a TOML file; sets ``report.lines``. None with a problem when it cannot be read."""
    return _read(content, report, tomllib.loads, toml_lines)


def read_json(content: bytes, report: Report) -> Any | None:
    """The value of a JSON file; sets ``report.lines``. None with a problem when it cannot be read.

    Stricter than the standard library: no NaN, no infinity, no key twice.
    """
    if content.startswith(codecs.BOM_UTF8):
        report.add(
            1,
            translatable("The file begins with a byte order mark, which JSON does not have."),
            translatable("Save it as UTF-8 without one."),
        )
        return None
    return _read(content, report, _strict_json, json_lines)


def strict_json(text: str) -> Any:
    """The value of a JSON text; raises ``ValueError`` also for NaN, infinity, a key twice and absurd nesting."""
    try:
        value = _strict_json(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if too_deep(value):
        raise ValueError("it is nested too deeply")
    return value


def too_deep(value: object, left: int = DEEPEST) -> bool:
    """Whether lists and tables are nested more than ``left`` deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return False
    return left == 0 or any(too_deep(element, left - 1) for element in value)


def _strict_json(text: str) -> Any:
    return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_repetition)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _no_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands there twice")
    return table


def _read(
    content: bytes, report: Report, load: Callable[[str], Any], lines: Callable[[str], Mapping[Place, int]]
) -> Any | None:
    """``ValueError`` covers the syntax errors of both readers and numbers with thousands of digits."""
    text = decoded(content, report)
    if text is None:
        return None
    try:
        value = load(text)
    except ValueError as error:
        detail, line = _syntax(error, text)
        report.add(
            line,
            translatable("This cannot be read: {detail}."),
            translatable("Correct the syntax; everything after it is unread."),
            detail=detail,
        )
        return None
    except RecursionError:
        value = [[]]
        while not too_deep(value):
            value = [value]
    if too_deep(value):
        report.add(
            0,
            translatable("Lists and tables are nested more than {limit} deep."),
            translatable("Flatten them."),
            limit=DEEPEST,
        )
        return None
    report.lines = lines(text)
    return value


def _syntax(error: ValueError, text: str) -> tuple[str, int]:
    """What a reader complains about and on which line; both readers put the place into their message."""
    if isinstance(error, json.JSONDecodeError):
        return error.msg, error.lineno
    message = str(error).rstrip(".")
    found = re.search(r" \(at line (\d+), column \d+\)$", message)
    if found:
        return message[: found.start()], int(found.group(1))
    if message.endswith(" (at end of document)"):
        return message.removesuffix(" (at end of document)"), text.rstrip("\n").count("\n") + 1
    return message, 0
