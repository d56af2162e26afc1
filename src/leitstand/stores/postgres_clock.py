"""What time is it for all processes of a database? What its server says, told by the clock of each."""

import logging

from leitstand.ports import Clock

MOST_DRIFT = 1_000_000
"""Microseconds that a clock may differ from the server's: less than that harms nobody, and a leap harms more."""

_log = logging.getLogger(__name__)


class SharedClock:
    """The clock of this machine, put right when the database's server says something else.

    When a case is due is written by one process and read by others, which must mean the same by it.
    """

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._behind = 0

    def __call__(self) -> int:
        """UTC in microseconds."""
        return self._own() + self._behind

    def compare(self, asked: int, told: int) -> None:
        """The server was asked at ``asked`` of this clock, and has just answered ``told``."""
        heard = self()
        if asked - MOST_DRIFT <= told <= heard + MOST_DRIFT:
            return
        self._behind += told - (asked + heard) // 2
        _log.warning("the clock of this machine is %.1f s behind the database's, which is used", self._behind / 1e6)
