"""How good is each level of a chain on the gold cases, as far as a report says?"""

import msgspec

from leitstand.domain.evaluation import Level
from leitstand.domain.report import Report


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    levels: tuple[Level, ...]


_READ = msgspec.json.Decoder(_Body).decode


def levels_of(report: Report | None) -> tuple[Level, ...]:
    """The levels that a report of kind ``gold`` holds; none when there is no report, or one that says nothing."""
    try:
        return _READ(report.body).levels if report else ()
    except msgspec.MsgspecError:
        return ()
