"""How is a case found that a request names, waited for, and read as it is shown?"""

import asyncio
import re
import time
from dataclasses import dataclass

from starlette.types import Scope

from leitstand.domain.case import RUNNABLE, CaseSummary, Status
from leitstand.domain.errors import CaseUnknown
from leitstand.encoding import canonical
from leitstand.web.api.case_json import CaseJson, case_json
from leitstand.web.requests import parameters, whole_number
from leitstand.web.serving import Serving

LONGEST_WAIT = 60
"""Seconds that a caller may wait for a case to come to rest."""

_PAUSES = (0.05, 1.0)
"""First and longest pause between two looks at a case that runs elsewhere, in seconds."""
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAMED = re.compile(r"[0-9]{1,15}|" + _ID)


def is_id(text: str) -> bool:
    """Whether a text has the form of a case id."""
    return bool(re.fullmatch(_ID, text))


async def find_case(serving: Serving, named: str) -> CaseSummary:
    """The case with that id or number; raises ``CaseUnknown``."""
    known = _NAMED.fullmatch(named)
    summary = await serving.parts.cases.summary(serving.tenant_id, named) if known else None
    if summary is None:
        raise CaseUnknown(case_id=repr(named[:80]))
    return summary


def waiting_time(scope: Scope) -> int:
    """Seconds of the one query parameter ``wait``, 0 when it is missing."""
    return whole_number(parameters(scope, ("wait",)), "wait", range(LONGEST_WAIT + 1), 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rested:
    """A case, and its output as JSON where it is at hand."""

    summary: CaseSummary
    output: bytes | None = None


async def rested(serving: Serving, summary: CaseSummary, seconds: int) -> Rested:
    """The case when it has ended or waits for a person, or as it is when the time is over or its workflow stopped."""
    stops, place = serving.parts.stops, (summary.case.tenant_id, summary.case.workflow)
    until = time.monotonic() + seconds
    pause, longest = _PAUSES
    while summary.case.status in RUNNABLE and (left := until - time.monotonic()) > 0 and not stops.on_workflow(*place):
        if ended := await serving.worker.wait(summary.case.case_id, left):
            summary = CaseSummary(case=ended.case, number=summary.number, repeated=summary.repeated)
            if summary.case.status not in RUNNABLE:
                output = ended.memory.get(ended.case.output)
                return Rested(summary=summary, output=None if output is None else canonical(output))
        # it runs elsewhere, or waits for its turn or for a retry
        await asyncio.sleep(min(pause, max(until - time.monotonic(), 0)))
        summary = await find_case(serving, summary.case.case_id)
        pause = min(pause * 1.5, longest)
    return Rested(summary=summary)


async def shown(serving: Serving, rested: Rested) -> CaseJson:
    """The JSON of a case with its output, which there is only once it is delivered."""
    case = rested.summary.case
    if case.status is not Status.DELIVERED:
        return case_json(rested.summary, None)
    if rested.output is not None:
        return case_json(rested.summary, rested.output)
    contents = await serving.parts.cases.contents(case.tenant_id, case.case_id, (case.output,))
    return case_json(rested.summary, contents.get(case.output))
