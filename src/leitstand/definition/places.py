"""On which line of a TOML or JSON text does a key or an element stand?"""

import contextlib
import json
import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Mapping

Place = tuple[str | int, ...]
"""Keys and list positions from the top of a document down, ``("draft", "chain", 0, "model")``."""

_BLANK = re.compile(r"(?:\s+|#[^\n]*)*")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\])*"|\'[^\']*\'', re.DOTALL)
_BARE = re.compile(r"[^,\]}#\n]*")
_BARE_KEY = re.compile(r"[^\s.=:\]]*")


def toml_lines(text: str) -> dict[Place, int]:
    """Every key and element of a valid TOML text with its line, counted from 1."""
    return _scan(_Scanner(text, "=", lambda raw: str(tomllib.loads(f"key = {raw}")["key"])), _Scanner.document)


def json_lines(text: str) -> dict[Place, int]:
    """Every key and element of a valid JSON text with its line, counted from 1; of a key written twice the last one."""
    return _scan(_Scanner(text, ":", lambda raw: str(json.loads(raw))), lambda scanner: scanner.value(()))


def line_of(lines: Mapping[Place, int], place: Place) -> int:
    """The line of ``place`` or of the nearest thing around it; 0 when there is none."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 0)


def _scan(scanner: "_Scanner", start: Callable[["_Scanner"], None]) -> dict[Place, int]:
    """Nesting that is too deep ends the scan: what was found is right, the rest falls back to what is around it."""
    with contextlib.suppress(RecursionError):
        start(scanner)
    return scanner.lines


class _Scanner:
    """Walks a text that a real parser accepted before, so that it may trust its syntax."""

    def __init__(self, text: str, separator: str, unquote: Callable[[str], str]) -> None:
        self.text = text
        self.separator = separator
        self.unquote = unquote
        self.lines: dict[Place, int] = {}
        self._at = 0
        self._starts = [match.end() for match in re.finditer("\n", text)]
        self._elements: dict[Place, int] = {}

    def document(self) -> None:
        """A whole TOML text: headers and the keys below them."""
        table: Place = ()
        while self._next():
            if self.text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)

    def value(self, place: Place) -> None:
        """One value with everything in it."""
        match self._next():
            case '"' | "'":
                self._string()
            case "[":
                self._array(place)
            case "{":
                self._table(place)
            case _:
                self._at = self._match(_BARE).end()

    def _header(self) -> Place:
        start = self._at
        double = self.text.startswith("[[", start)
        self._at += 2 if double else 1
        keys = self._keys()
        self._next()
        self._at += 2 if double else 1
        place: Place = ()
        for depth, key in enumerate(keys, 1):
            place = (*place, key)
            self.lines.setdefault(place, self._line(start))
            if depth < len(keys) and place in self._elements:
                place = (*place, self._elements[place])
        if double:
            self._elements[place] = self._elements.get(place, -1) + 1
            place = (*place, self._elements[place])
            self.lines[place] = self._line(start)
        return place

    def _pair(self, table: Place) -> None:
        start = self._at
        place = table
        for key in self._keys():
            place = (*place, key)
            self.lines.setdefault(place, self._line(start))
        self.lines[place] = self._line(start)
        self._next()
        self._at += len(self.separator)
        self.value(place)

    def _array(self, place: Place) -> None:
        self._at += 1
        position = 0
        while (found := self._next()) and found != "]":
            self.lines[(*place, position)] = self._line(self._at)
            self.value((*place, position))
            position += 1
            self._skip_comma()
        self._at += 1

    def _table(self, place: Place) -> None:
        self._at += 1
        while (found := self._next()) and found != "}":
            self._pair(place)
            self._skip_comma()
        self._at += 1

    def _keys(self) -> list[str]:
        keys = []
        while found := self._next():
            keys.append(self.unquote(self._string()) if found in "\"'" else self._bare_key())
            if self._next() != ".":
                break
            self._at += 1
        return keys

    def _bare_key(self) -> str:
        found = self._match(_BARE_KEY)
        self._at = found.end()
        return found.group()

    def _string(self) -> str:
        """Up to two quotes more belong to a multi-line string's content, hence the greedy end of the pattern."""
        found = self._match(_STRING)
        self._at = found.end()
        return found.group()

    def _skip_comma(self) -> None:
        if self._next() == ",":
            self._at += 1

    def _next(self) -> str:
        """The next character that is neither blank nor comment, ``""`` at the end."""
        self._at = self._match(_BLANK).end()
        return self.text[self._at : self._at + 1]

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self._at)
        if found is None:
            raise ValueError(f"no {pattern.pattern} at character {self._at}")
        return found

    def _line(self, position: int) -> int:
        return bisect_right(self._starts, position) + 1
