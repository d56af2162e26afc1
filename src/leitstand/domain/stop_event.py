"""What does a stop do to a case?"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseHalted:
    """A stop ended the run of the case, which stays where it is and goes on after the restart.

    A model call that was under way was given up; what came of it is unknown.
    """

    type: ClassVar[str] = "case.halted"
    stop_id: str
    scope: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseStopped:
    """A person ended the case; nothing is delivered. Contents: ``stop_reason``.

    A model call that was under way was given up; what came of it is unknown.
    """

    type: ClassVar[str] = "case.stopped"
    stop_id: str
