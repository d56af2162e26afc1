"""How does a person stop a case, a workflow, a tenant or all, and how do two let it go on?"""

from dataclasses import dataclass

from leitstand.domain.case import ENDED, Case
from leitstand.domain.errors import CaseUnknown, Denied, Phrase, RequestMalformed, StateConflict, translatable
from leitstand.domain.review import Person
from leitstand.domain.stop import LONGEST_REASON, Scope, Stop, confirmed, proposed
from leitstand.randomness import random_bytes
from leitstand.runtime.halt import end_case
from leitstand.runtime.ids import new_id
from leitstand.runtime.parts import Parts
from leitstand.runtime.stops import StopUnknown

TOKEN_BYTES = 8

REFUSALS = {
    "final": translatable("a stopped case has ended"),
    "over": translatable("it goes on already, or was proposed anew"),
    "no_proposal": translatable("nobody has proposed the restart yet"),
    "same_person": translatable("who proposed a restart cannot confirm it"),
    "late": translatable("the proposal is older than an hour"),
    "wrong_token": translatable("that is not the token of the newest proposal"),
}
WAY_OUT = translatable("One person proposes the restart and is given a token; another one confirms it with that token.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What somebody wants stopped, and why; ``subject`` is a case id or number, or a workflow."""

    tenant_id: str
    scope: Scope
    subject: str
    reason: str


async def stop(parts: Parts, wanted: Wanted, person: Person) -> Stop:
    """The stop, in force when this returns, and known to this process; one that held the same already stays.

    Raises ``CaseUnknown``, ``WorkflowUnknown``, ``StateConflict`` for a case that has ended, ``RequestMalformed``.
    """
    reason = wanted.reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        detail = Phrase(translatable("the reason has {length} characters"), length=len(reason))
        expected = Phrase(translatable("a reason of 1 to {most} characters"), most=LONGEST_REASON)
        raise RequestMalformed(detail=detail, expected=expected)
    case = await _case(parts, wanted) if wanted.scope is Scope.CASE else None
    now = parts.clock()
    made = Stop(
        stop_id=new_id(now),
        tenant_id=wanted.tenant_id,
        scope=wanted.scope,
        subject=case.case_id if case else _subject(parts, wanted),
        reason=reason,
        stopped_by=person.id,
        stopped_at=now,
    )
    begun = await parts.stops.store.begin(made)
    await _tell(parts)
    if case:
        await end_case(parts, case, made)
    return made if begun else _in_force(parts, made)


async def propose_restart(parts: Parts, stop_id: str, person: Person) -> tuple[Stop, str]:
    """The stop with the proposal to end it, and the token that another person confirms it with."""
    found = await find_stop(parts, stop_id)
    if found.scope is Scope.CASE or found.restarted_at is not None:
        raise _denied("final" if found.scope is Scope.CASE else "over")
    token = random_bytes(TOKEN_BYTES).hex()
    offered = proposed(found, person.id, token, parts.clock())
    if not await parts.stops.store.move(offered, due_to=found.token_hash):
        raise _denied("over")
    return offered, token


async def confirm_restart(parts: Parts, stop_id: str, person: Person, token: str) -> Stop:
    """The stop, ended by a second person; raises ``Denied`` with the reason why it is not."""
    found = await find_stop(parts, stop_id)
    ended = confirmed(found, person.id, token.strip().lower(), parts.clock())
    if isinstance(ended, str):
        raise _denied(ended)
    if not await parts.stops.store.move(ended, due_to=found.token_hash):
        raise _denied("over")
    await _tell(parts)
    parts.news.cases.set()
    return ended


async def find_stop(parts: Parts, stop_id: str) -> Stop:
    """The stop with that id; raises ``StopUnknown``."""
    found = await parts.stops.store.find(stop_id)
    if found is None:
        raise StopUnknown(stop_id=repr(stop_id[:80]))
    return found


async def _tell(parts: Parts) -> None:
    """This process knows at once, and its worker looks at what it runs."""
    await parts.stops.refresh()
    parts.news.stops.set()


async def _case(parts: Parts, wanted: Wanted) -> Case:
    summary = await parts.cases.summary(wanted.tenant_id, wanted.subject)
    if summary is None:
        raise CaseUnknown(case_id=repr(wanted.subject[:80]))
    case = summary.case
    if case.status in ENDED:
        raise StateConflict(case_id=case.case_id, status=case.status, action="stop")
    return case


def _subject(parts: Parts, wanted: Wanted) -> str:
    return parts.installations.named(wanted.tenant_id, wanted.subject) if wanted.scope is Scope.WORKFLOW else ""


def _in_force(parts: Parts, made: Stop) -> Stop:
    """The stop that held the same already."""
    same = (made.tenant_id, made.scope, made.subject)
    return next(
        (each for each in parts.stops.in_force if (each.tenant_id, each.scope, each.subject) == same),
        made,
    )


def _denied(why: str) -> Denied:
    return Denied(detail=Phrase(REFUSALS[why]), way_out=Phrase(WAY_OUT))
