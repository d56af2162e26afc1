"""Which rows does a CSV file hold? Its first line names the columns; the cells are text."""

import csv
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from leitstand.domain.errors import RequestMalformed, translatable
from leitstand.tables.lines import lines_of
from leitstand.tables.row import Fields, Row, RowBroken, shown, too_long

DELIMITERS = (",", ";", "\t", "|")
_QUOTES = translatable("Close the quotes, and write a quote inside quotes twice.")


class _Lines:
    """The lines of a stream as text, and those of the present row, which no open quote may make endless."""

    def __init__(self, stream: BinaryIO, longest: int) -> None:
        self._lines = lines_of(stream, longest)
        self._longest = longest
        self.begin()

    def begin(self) -> None:
        """The next line begins a row."""
        self.first, self._size = 0, 0
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        number, content = next(self._lines)
        self.first = self.first or number
        if isinstance(content, RowBroken):
            raise content
        text = content.decode("utf-8", "replace")
        self.taken.append(text)
        self._size += len(content)
        if self._size > self._longest:
            raise too_long(self._longest)
        _check_text(content, text)
        return text


def opened(stream: BinaryIO, name: str, longest: int) -> tuple[tuple[str, ...], Iterator[Row]]:
    """The columns, and every row that is not blank, broken ones included; an empty cell is a missing field.

    Raises ``RequestMalformed`` for a header that is none.
    """
    csv.field_size_limit(max(longest, csv.field_size_limit()))
    lines = _Lines(stream, longest)
    try:
        header = next(lines, "")
    except RowBroken as error:
        raise _bad_header(name, error.problem(name, 1).text()) from None
    delimiter = max(DELIMITERS, key=header.count)
    columns = _columns(header, delimiter, name)
    return columns, _rows(lines, csv.reader(lines, delimiter=delimiter, strict=True), columns, name)


def _rows(lines: _Lines, cells: Iterator[list[str]], columns: tuple[str, ...], name: str) -> Iterator[Row]:
    number = 0
    while True:
        lines.begin()
        fields: Fields | None = None
        broken: RowBroken | None = None
        try:
            found = next(cells, None)
            if found is None:
                return
            if not found:
                continue
            fields = _fields(columns, found)
        except RowBroken as error:
            broken = error
        except csv.Error as error:
            broken = RowBroken(translatable("The row is not CSV: {detail}."), _QUOTES, detail=error)
        number += 1
        problem = broken.problem(name, lines.first) if broken else None
        yield Row(number=number, line=lines.first, raw="".join(lines.taken), fields=fields, problem=problem)


def _check_text(content: bytes, text: str) -> None:
    if b"\0" in content:
        raise RowBroken(translatable("The row holds a NUL character."), translatable("Remove it."))
    if "\ufffd" in text and b"\xef\xbf\xbd" not in content:
        raise RowBroken(translatable("The row is not UTF-8."), translatable("Save the file as UTF-8."))


def _columns(header: str, delimiter: str, name: str) -> tuple[str, ...]:
    try:
        columns = next(csv.reader([header], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise _bad_header(name, str(error)) from None
    columns = [column.strip() for column in columns]
    if not columns or not all(columns):
        raise _bad_header(name, "a column has no name")
    twice = [column for column in columns if columns.count(column) > 1]
    if twice:
        raise _bad_header(name, f"the column {shown(twice[0])} comes twice")
    return tuple(columns)


def _bad_header(name: str, detail: str) -> RequestMalformed:
    return RequestMalformed(detail=f"{name}:1: {detail}", expected="a first line with the names of the columns")


def _fields(columns: Sequence[str], cells: Sequence[str]) -> Fields:
    if len(cells) != len(columns):
        raise RowBroken(
            translatable("The row has {count} cells, the header {columns}."),
            translatable("Give every column a cell, an empty one where there is nothing, and quote the delimiter."),
            count=len(cells),
            columns=len(columns),
        )
    return {column: cell for column, cell in zip(columns, cells, strict=True) if cell != ""}
