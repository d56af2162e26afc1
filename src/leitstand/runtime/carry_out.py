"""How do the tool calls that a person accepted happen, each once per idempotency key?"""

import asyncio
import math
from contextlib import suppress
from dataclasses import dataclass

from leitstand.domain.errors import LeaseLost, StoreUnusable
from leitstand.domain.event import CaseFailed
from leitstand.domain.tool import (
    DONE,
    HELD,
    NOT_DONE,
    ToolUse,
    UseState,
    call_key,
    may_repeat,
)
from leitstand.domain.tool_event import ToolCallFinished, ToolCallIntended
from leitstand.domain.tool_told import Told, failure_told
from leitstand.ports import Effect
from leitstand.runtime.run_case import Run
from leitstand.runtime.stops import Halted
from leitstand.runtime.tool_call import told_of
from leitstand.runtime.tool_loop import Asked, asked

MOST_ATTEMPTS = 10
FIRST_PAUSE = 1_000_000
LONGEST_PAUSE = 3_600_000_000
"""Microseconds between attempts: from a second, doubling, to an hour."""

FIRST_NUMBER = 100
"""Numbers of tool calls in the outbox begin behind it; those before it are deliveries."""

LOST = "lost"
"""The error of a call whose process died: nobody knows whether it was made."""


async def carry_out(run: Run) -> bool:
    """Make the accepted calls one after another; True when all are done and the output may follow."""
    for number, use in enumerate(run.case.tool_uses, 1):
        if use.state in (UseState.APPROVED, UseState.UNDER_WAY) and not await _carry_out(run, number, use):
            return False
    return True


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """How an attempt ended: its error (``""`` for none), what is kept of it, how long it took in microseconds."""

    error: str
    told: Told
    duration: int = 0


async def _carry_out(run: Run, number: int, use: ToolUse) -> bool:
    """Intent durable first, then the fence, then the effect, then its record. A stop before the effect is recorded."""
    run.parts.stops.heed(run.case)
    call, key = await asked(run, number), call_key(run.case.case_id, number)
    assert call.ready is not None and not call.problem, "only a call that fits is proposed"
    tool = call.ready.tool
    if use.state is UseState.APPROVED:
        run.journal.note(ToolCallIntended(number=number, tool=tool.name, effect=tool.effect, key=key))
        run.journal.expect(Effect(number=FIRST_NUMBER + number, key=key, not_before=run.parts.clock()))
    elif not may_repeat(tool, use.error or LOST, use.attempts, MOST_ATTEMPTS):
        return _ended(run, call, use, End(error=LOST, told=failure_told(LOST)))
    await run.journal.save()
    try:
        if not await run.parts.cases.holds(run.case):
            raise LeaseLost(case_id=run.case.case_id)
        run.parts.stops.heed(run.case)
    except (asyncio.CancelledError, Halted):
        now, attempt = run.parts.clock(), use.attempts + 1
        held = ToolCallFinished(number=number, tool=tool.name, error=HELD, duration=0, attempt=attempt, retry_at=now)
        run.journal.note(held)
        with suppress(LeaseLost, StoreUnusable):
            await run.journal.save()
        raise
    began = run.parts.clock()
    error, told = await told_of(call.ready, call.arguments, key, math.inf)
    return _ended(run, call, use, End(error=error, told=told, duration=run.parts.clock() - began))


def _ended(run: Run, call: Asked, use: ToolUse, end: End) -> bool:
    """Note how an attempt ended; True when the call is done. Pauses double from one second to an hour."""
    assert call.ready is not None
    tool, now, attempt = call.ready.tool, run.parts.clock(), use.attempts + 1
    pause = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
    retry_at = now + pause if may_repeat(tool, end.error, attempt, MOST_ATTEMPTS) else None
    event = ToolCallFinished(
        number=call.number, tool=tool.name, error=end.error, duration=end.duration, attempt=attempt, retry_at=retry_at
    )
    run.journal.note(event, {} if retry_at else run.keep(**{f"outcome.{call.number}": end.told}))
    if end.error in DONE:
        key = call_key(run.case.case_id, call.number)
        run.journal.expect(Effect(number=FIRST_NUMBER + call.number, key=key, not_before=now, done_at=now))
        return True
    if retry_at is None:
        run.journal.note(CaseFailed(reason="tool_refused" if end.error in NOT_DONE else "tool_unclear"))
    return False
