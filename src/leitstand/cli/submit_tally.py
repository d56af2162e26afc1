"""How far is a submission: what became of the rows so far, and of their cases?"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from leitstand.domain.errors import CallerError, Problem, translatable

MOST_PROBLEMS = 20
"""Problems shown of one file; a file that is wrong throughout needs no more to be understood."""


class RowsInvalid(CallerError):
    """Rows of a file that cannot become cases; ``problems`` names the first of them, ``count`` is of all."""

    code = "rows_invalid"
    message = translatable("{path} has {count} row(s) that cannot become cases.")
    repair = translatable(
        "Correct them, or go on without them: `--on-invalid FILE` writes them down, `--on-invalid skip` counts them."
    )

    def __init__(self, *, problems: tuple[Problem, ...], **values: object) -> None:
        self.problems = problems
        super().__init__(**values)


@dataclass(kw_only=True, slots=True)
class Tally:
    """Counts of one run of the command; ``waiting`` are cases of the job that are not done, as far as is known.

    ``read`` of ``size`` is how far the file is read, ``size`` None where nobody knows it. ``statuses`` is filled at
    the end when the command waited.
    """

    workflow: str
    job: str
    dry_run: bool = False
    rows: int = 0
    opened: int = 0
    repeated: int = 0
    invalid: int = 0
    problems: list[Problem] = field(default_factory=list)
    waiting: int = 0
    worked: bool = True
    read: int = 0
    size: int | None = None
    statuses: Mapping[str, int] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    submitted_in: float = 0.0

    def refuse(self, problem: Problem) -> None:
        """Count an invalid row, and keep the first problems."""
        self.invalid += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    @property
    def seconds(self) -> float:
        """Since the first row was asked for."""
        return max(time.monotonic() - self.began, 1e-6)
