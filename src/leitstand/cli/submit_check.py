"""Which input, under which key, does a row stand for, and what keeps it from becoming a case?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from leitstand.cli.submit_order import Order
from leitstand.definition.validators import properties_of
from leitstand.domain.errors import InputInvalid, Problem, RequestMalformed, TooLarge, translatable
from leitstand.domain.workflow import Workflow
from leitstand.encoding import canonical
from leitstand.json_contract import validator
from leitstand.runtime.submit import check_input
from leitstand.tables.row import Fields, Row, RowBroken, shown, too_long
from leitstand.tables.typed import typing_of

LONGEST_ID = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A row with its key and its input of ``size`` bytes, or with what is wrong with it."""

    row: Row
    key: str = ""
    input: Fields | None = None
    size: int = 0
    problem: Problem | None = None


class Shape:
    """Turns rows of one file into inputs of one workflow."""

    def __init__(self, order: Order, workflow: Workflow, schema: Mapping[str, Any]) -> None:
        self._order = order
        self._workflow = workflow
        self._properties = properties_of(schema)
        self._breaches = validator(schema)
        self._typed: Callable[[Fields], Fields] | None = typing_of(self._properties) if order.kind == "csv" else None

    def check_columns(self, columns: tuple[str, ...] | None) -> None:
        """Raise ``RequestMalformed`` for an option that names a column which the file does not have."""
        named = [*self._order.mapping, *([self._order.id_column] if self._order.id_column else [])]
        for column in named:
            if columns is not None and column not in columns:
                detail = f"{self._order.path} has no column {shown(column)}"
                raise RequestMalformed(detail=detail, expected=f"one of its columns: {', '.join(columns)}")

    def checked(self, row: Row) -> Checked:
        """The row with its input, or with why it has none."""
        if row.fields is None:
            return Checked(row=row, problem=row.problem)
        try:
            key = self._key(row, row.fields)
            given = self._input(row.fields)
            check_input(self._workflow, self._breaches, given)
            size = len(canonical(given))
            if size > self._order.longest:
                raise too_long(self._order.longest)
        except RowBroken as broken:
            return Checked(row=row, problem=broken.problem(self._order.path, row.line))
        except InputInvalid as error:
            pointer = error.problems[0][0] or "/"
            return Checked(row=row, problem=self._misfit(row, pointer, error.values["detail"]))
        except TooLarge as error:
            return Checked(row=row, problem=self._misfit(row, error.values["what"], error.text()))
        return Checked(row=row, key=key, input=given, size=size)

    def _misfit(self, row: Row, field: str, detail: str) -> Problem:
        broken = RowBroken(
            translatable("The field {field} does not fit the workflow: {detail}."),
            translatable("Correct the row, or name the right field of a column with --map."),
            field=field,
            detail=detail.rstrip("."),
        )
        return broken.problem(self._order.path, row.line)

    def _key(self, row: Row, fields: Fields) -> str:
        if self._order.id_column is None:
            return f"{self._order.job}/{row.number}"
        value = fields.get(self._order.id_column)
        name = str(value)
        plain = isinstance(value, str | int) and not isinstance(value, bool) and name.isprintable()
        if not plain or not 0 < len(name) <= LONGEST_ID:
            raise RowBroken(
                translatable("The row has no usable id in {column}: {value}."),
                translatable("Give every row an id of its own, text or a whole number."),
                column=self._order.id_column,
                value=shown(value),
            )
        return f"{self._order.job}/{name}"

    def _input(self, fields: Fields) -> Fields:
        inner = fields.get("input")
        if isinstance(inner, dict) and "input" not in self._properties:
            return inner  # a golden case: the input, and what evaluation knows of it
        given = {}
        for column, value in fields.items():
            field = self._order.mapping.get(column, column)
            unasked = column == self._order.id_column and column not in self._properties and field == column
            if not field or unasked:
                continue
            if field in given:
                raise RowBroken(
                    translatable("Two columns of the row stand for the field {field}."),
                    translatable("Leave one of them out with --map COLUMN=."),
                    field=field,
                )
            given[field] = value
        return self._typed(given) if self._typed else given
