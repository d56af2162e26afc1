"""What is a row of a file, and what is wrong with one that is none?"""

from dataclasses import dataclass

from leitstand.domain.errors import Problem, translatable

Fields = dict[str, object]
"""Column, or key of a JSON object, to its value."""

SHOWN = 60
"""Characters of a value that a message shows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row: ``number`` counts rows from 1, ``line`` is where it begins, ``raw`` what stands there as text.

    ``fields`` is None when it is no row, and ``problem`` says why.
    """

    number: int
    line: int
    raw: str
    fields: Fields | None = None
    problem: Problem | None = None


class RowBroken(Exception):
    """What stands there is no row: a message and a repair, both templates, and their values."""

    def __init__(self, message: str, repair: str, **values: object) -> None:
        self.message, self.repair = message, repair
        self.values = tuple((name, str(value)) for name, value in values.items())
        super().__init__(message)

    def problem(self, file: str, line: int) -> Problem:
        """The same as a problem of a file."""
        return Problem(file=file, line=line, message=self.message, repair=self.repair, values=self.values)


def too_long(longest: int) -> RowBroken:
    """A row above the limit."""
    return RowBroken(
        translatable("The row has more than {most} bytes."),
        translatable("Shorten it, or raise LEITSTAND_MAX_BODY_BYTES."),
        most=longest,
    )


def shown(value: object) -> str:
    """A value as a message shows it: on one line, cut, nothing that could move a cursor."""
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 4] + " ..."
