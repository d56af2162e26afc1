"""Which columns does a written table have, and how does a value look in a cell of text?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from leitstand.encoding import canonical

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell of text that begins so is a formula to a spreadsheet."""


class Kind(StrEnum):
    """What a column holds. ``TIME`` is UTC microseconds, ``DATA`` plain data, ``TEXTS`` a list of texts."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TIME = "time"
    TEXTS = "texts"
    DATA = "data"


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """The columns of a table, in order; ``name`` says what it is a table of."""

    name: str
    kinds: Mapping[str, Kind]

    def cells(self, row: Mapping[str, object]) -> list[str]:
        """The row as cells of CSV: times as RFC 3339, data as JSON, nothing that a spreadsheet would execute."""
        return [_cell(row[name], kind) for name, kind in self.kinds.items()]


def json_of(value: object) -> str | None:
    """Plain data as JSON text; None stays None."""
    return None if value is None else canonical(value).decode()


def time_of(micros: int) -> datetime:
    """UTC microseconds as a time."""
    return datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)


def _cell(value: object, kind: Kind) -> str:
    if value is None:
        return ""
    match kind:
        case Kind.TIME:
            assert isinstance(value, int)
            return time_of(value).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case Kind.BOOLEAN:
            return "true" if value else "false"
        case Kind.TEXTS:
            assert isinstance(value, list | tuple)
            return ", ".join(value)
        case Kind.INTEGER:
            return str(value)
    text = (json_of(value) or "") if kind is Kind.DATA else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
