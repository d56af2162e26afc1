"""How does an accepted output reach its receiver, once per idempotency key?"""

from leitstand.domain.errors import DeliveryFailed, LeaseLost
from leitstand.domain.event import CaseDelivered, CaseFailed, DeliveryIntended
from leitstand.domain.event import DeliveryFailed as DeliveryFailedEvent
from leitstand.encoding import canonical
from leitstand.ports import Effect
from leitstand.runtime.carry_out import carry_out
from leitstand.runtime.run_case import Run

MOST_ATTEMPTS = 10
LONGEST_PAUSE = 3_600_000_000
"""An hour in microseconds."""

NUMBER = 1
"""A case is delivered once; a correction will be delivery number 2."""


async def deliver(run: Run) -> None:
    """Make the accepted tool calls, then bring the output out: intent first, then the fence, the effect, its record."""
    if not await carry_out(run):
        return
    kind, deliverer = run.installed.workflow.delivery.kind, run.installed.deliverer
    if deliverer is None:
        run.journal.note(CaseDelivered(number=NUMBER, kind=kind, attempts=0))
        return
    key = f"{run.case.case_id}-{NUMBER}"
    if not run.case.delivery_intended:
        run.journal.note(DeliveryIntended(number=NUMBER, kind=kind, key=key))
        run.journal.expect(Effect(number=NUMBER, key=key, not_before=run.parts.clock()))
    await run.journal.save()
    if not await run.parts.cases.holds(run.case):
        raise LeaseLost(case_id=run.case.case_id)
    run.parts.stops.heed(run.case)
    attempt = run.case.delivery_attempts + 1
    try:
        await deliverer.deliver(key=key, body=await _body(run))
    except DeliveryFailed as failure:
        _missed(run, failure, attempt)
        return
    now = run.parts.clock()
    run.journal.note(CaseDelivered(number=NUMBER, kind=kind, attempts=attempt))
    run.journal.expect(Effect(number=NUMBER, key=key, not_before=now, done_at=now))


async def _body(run: Run) -> bytes:
    """What the receiver gets: the case and its output."""
    case = run.case
    return canonical(
        {
            "case_id": case.case_id,
            "workflow": case.workflow,
            "release": case.release_digest,
            "decision": case.decision or case.outcome,
            "output": await run.content(case.output),
        }
    )


def _missed(run: Run, failure: DeliveryFailed, attempt: int) -> None:
    """Pauses double from one second to an hour; a receiver that refuses for good, or for too long, fails the case."""
    final = not failure.retryable or attempt >= MOST_ATTEMPTS
    retry_at = None if final else run.parts.clock() + min(1_000_000 * 2 ** (attempt - 1), LONGEST_PAUSE)
    why = DeliveryFailedEvent(
        number=NUMBER, attempt=attempt, retry_at=retry_at, error=failure.kind, status=failure.status
    )
    run.journal.note(why)
    if final:
        run.journal.note(CaseFailed(reason="delivery_refused"))
