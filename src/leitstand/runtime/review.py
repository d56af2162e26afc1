"""What happens when a person decides on a waiting case? The first decision counts."""

from dataclasses import replace

from leitstand.domain.case import WAITING, Case, CaseSummary, fold
from leitstand.domain.errors import (
    CaseUnknown,
    InputInvalid,
    LeaseLost,
    Phrase,
    RequestMalformed,
    StateConflict,
    translatable,
)
from leitstand.domain.event import Actor, ReviewDecided
from leitstand.domain.review import ReviewDecision, Verb
from leitstand.domain.workflow import Workflow
from leitstand.runtime.parts import Installed, Parts
from leitstand.runtime.record import Journal
from leitstand.runtime.worker import Worker


async def decide_review(
    parts: Parts, worker: Worker, summary: CaseSummary, decision: ReviewDecision, actor: Actor
) -> CaseSummary:
    """Record the decision durably and go on with the case; raises ``StateConflict`` when it no longer waits for it."""
    case = summary.case
    events = await parts.cases.events(case.tenant_id, case.case_id)
    if not events:
        raise CaseUnknown(case_id=case.case_id)
    case = fold(events)
    installed = await parts.installations.by_digest(case.tenant_id, case.release_digest)
    _check_state(case, decision)
    _check_decision(installed, decision)
    contents = {"output": decision.output, "note": decision.note or None}
    decided = ReviewDecided(
        verb=decision.verb,
        reason=decision.reason,
        draft_commitment=decision.draft_commitment,
        seconds_shown=decision.seconds_shown,
        tool_calls=decision.tool_calls,
    )
    with worker.room_for(case) as kept:
        journal = Journal(parts, case, kept=kept)
        journal.note(decided, {name: value for name, value in contents.items() if value is not None}, actor)
        try:
            await journal.save()
        except LeaseLost:
            raise StateConflict(
                case_id=case.case_id, status=Phrase(translatable("decided already")), action=decision.verb
            ) from None
    if kept:
        worker.start(journal.case)
    return replace(summary, case=journal.case)


def _check_state(case: Case, decision: ReviewDecision) -> None:
    if case.status not in WAITING:
        raise StateConflict(case_id=case.case_id, status=case.status, action=decision.verb)
    if decision.draft_commitment != case.draft_commitment:
        raise StateConflict(
            case_id=case.case_id, status=Phrase(translatable("showing another draft")), action=decision.verb
        )
    expected = () if decision.verb is Verb.REJECT else case.proposals
    if tuple(sorted(decision.tool_calls)) != expected:
        raise StateConflict(
            case_id=case.case_id, status=Phrase(translatable("showing other tool calls")), action=decision.verb
        )
    if decision.verb is Verb.ACCEPT and not case.drafted:
        raise StateConflict(case_id=case.case_id, status=Phrase(translatable("without a draft")), action=decision.verb)


def _check_decision(installed: Installed, decision: ReviewDecision) -> None:
    workflow: Workflow = installed.workflow
    if decision.verb is Verb.REJECT and decision.reason not in workflow.review.reject_reasons:
        raise RequestMalformed(
            detail=Phrase(translatable("{reason} is not a reason to reject"), reason=repr(decision.reason)),
            expected=Phrase(translatable("one of {known}"), known=", ".join(workflow.review.reject_reasons)),
        )
    if (decision.verb is Verb.EDIT) != (decision.output is not None):
        raise RequestMalformed(
            detail=Phrase(translatable("an output belongs to an edit, and only to it")),
            expected=Phrase(translatable("output with the decision edit")),
        )
    if decision.output is not None and (problems := installed.output_problems(decision.output)):
        detail = "; ".join(f"{pointer or '/'} {message}" for pointer, message in problems[:5])
        raise InputInvalid(problems=problems, workflow=workflow.name, detail=detail)
