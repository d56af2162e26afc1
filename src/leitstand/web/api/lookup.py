"""How is a case found that a request names, waited for, and read as it is shown?"""

import asyncio
import re
import time

from starlette.types import Scope

from leitstand.domain.case import RUNNABLE, CaseSummary, Status
from leitstand.domain.errors import CaseUnknown
from leitstand.web.api.case_json import CaseJson, case_json
from leitstand.web.requests import parameters, whole_number
from leitstand.web.serving import Serving

LONGEST_WAIT = 60
"""Seconds that a caller may wait for a case to come to rest."""

_PAUSE = 0.1
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


async def rested(serving: Serving, summary: CaseSummary, seconds: int) -> CaseSummary:
    """The case when it has ended or waits for a person, or as it is when the time is over."""
    until = time.monotonic() + seconds
    while summary.case.status in RUNNABLE and (left := until - time.monotonic()) > 0:
        await serving.worker.wait(summary.case.case_id, left)
        summary = await find_case(serving, summary.case.case_id)
        if summary.case.status in RUNNABLE:
            # nobody runs it at the moment: it waits for its turn or for a retry
            await asyncio.sleep(min(_PAUSE, max(until - time.monotonic(), 0)))
    return summary


async def shown(serving: Serving, summary: CaseSummary) -> CaseJson:
    """The JSON of a case with its output, which there is only once it is delivered."""
    case = summary.case
    if case.status is not Status.DELIVERED:
        return case_json(summary, None)
    contents = await serving.parts.cases.contents(case.tenant_id, case.case_id, (case.output,))
    return case_json(summary, contents.get(case.output))
