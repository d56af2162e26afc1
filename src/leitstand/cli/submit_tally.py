"""How far is a submission: what became of the rows so far, and of their cases?"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from leitstand.domain.errors import Problem

MOST_PROBLEMS = 20
"""Problems shown of one file; a file that is wrong throughout needs no more to be understood."""


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
