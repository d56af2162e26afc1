"""How does the command line speak? Data goes to stdout, messages to stderr, in German or English."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence

import click

from leitstand.domain import errors
from leitstand.runtime.stops import StopUnknown
from leitstand.settings import spoken_language
from leitstand.web.translate import translate

EXIT_CODES: Mapping[type[errors.LeitstandError], int] = {
    errors.ConfigurationInvalid: 3,
    errors.SettingInvalid: 3,
    errors.SourceUnreadable: 3,
    errors.ExtensionMissing: 3,
    errors.WorkflowUnknown: 4,
    errors.CaseUnknown: 4,
    errors.ReleaseUnknown: 4,
    StopUnknown: 4,
    errors.Denied: 5,
    errors.StateConflict: 6,
    errors.IdempotencyConflict: 6,
    errors.StoreOwned: 6,
    errors.CallerError: 2,
    errors.Overloaded: 15,
    errors.UpstreamError: 13,
    errors.OperatorError: 15,
    errors.LeitstandError: 1,
}
"""Error class to exit code; the first class that fits counts."""


def exit_code_of(error: errors.LeitstandError) -> int:
    """The settled exit code of an error; one that a server told of brings its own."""
    told: int | None = getattr(error, "exit_code", None)
    return told or next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind))


def text(template: str, **values: object) -> str:
    """A template in the language of the user."""
    return translate(template, values, spoken_language())


def say(template: str, **values: object) -> None:
    """A message to the person, on stderr."""
    click.echo(text(template, **values), err=True)


def show_error(error: errors.LeitstandError) -> None:
    """What went wrong and what to do next; every problem of a configuration on a line of its own."""
    for problem in getattr(error, "problems", ()):
        if isinstance(problem, errors.Problem):
            show_problem(problem)
    mark = click.style(text(errors.translatable("Error")), fg="red", bold=True)
    click.echo(f"{mark}: {told(error)}", err=True)


def told(error: errors.LeitstandError) -> str:
    """Message and repair on a line each, in the language of the user."""
    values = {**error.values, **error.phrases}
    return f"{text(error.message, **values)}\n  {text(error.repair, **values)}"


def show_problem(problem: errors.Problem) -> None:
    """One problem of a file with its place, as compilers print it."""
    values = dict(problem.values)
    place = click.style(f"{problem.file}:{problem.line}" if problem.line else problem.file, bold=True)
    click.echo(f"{place}: {text(problem.message, **values)}\n  {text(problem.repair, **values)}", err=True)


def print_json(value: object) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Aligned columns on stdout; numbers to the right. The headers are templates."""
    cells = [[str(cell) for cell in row] for row in rows]
    heads = [text(column) for column in columns]
    widths = [max(len(row[place]) for row in [heads, *cells]) for place in range(len(heads))]
    numeric = [bool(cells) and all(_is_number(row[place]) for row in cells) for place in range(len(heads))]
    for row in [heads, *cells]:
        padded = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        click.echo("  ".join(padded).rstrip())


def _is_number(cell: str) -> bool:
    return not cell.strip("0123456789.,-")


def amount(nanos: int | None, currency: str) -> str:
    """Money for people; an unknown amount says so."""
    if nanos is None:
        return text(errors.translatable("unknown"))
    return f"{nanos / 1e9:.4f} {currency}".strip()


def interactive() -> bool:
    """Whether a person watches stderr."""
    return sys.stderr.isatty()
