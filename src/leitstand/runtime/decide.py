"""Deliver, review or escalate: what does the written policy say?"""

import hashlib

from leitstand.domain.event import CaseDecided, CaseFailed
from leitstand.domain.guardrail import SEVERITY, Judgement, Outcome, Verdict
from leitstand.domain.guardrail import decide as by_policy
from leitstand.domain.model_chain import missed_because
from leitstand.domain.policy import ReviewPolicy
from leitstand.runtime.run_case import Run


async def decide(run: Run) -> None:
    """Turn the verdicts into an outcome; one without a draft goes where policy says, a chat without one has failed."""
    workflow = run.installed.workflow
    outcome: Outcome | None
    if run.case.drafted:
        judgements = await _judgements(run)
        outcome, reasons = with_review(*by_policy(judgements, run.installed.policy), workflow.review, run.case.case_id)
        if run.case.proposals:
            outcome, reasons = with_proposals(outcome, reasons)
    else:  # in a chat who asked hears of it at once, and no person is to answer later
        reason = missed_because(run.case.attempts)
        outcome, reasons = None if workflow.input.messages else workflow.review.without_draft(reason), (reason,)
    if outcome is None:
        run.journal.note(CaseFailed(reason=reasons[0]))
        return
    due_at = None if outcome is Outcome.DELIVER else run.parts.clock() + workflow.review.due_minutes * 60_000_000
    run.journal.note(CaseDecided(outcome=outcome, reasons=reasons, due_at=due_at))


def with_review(
    outcome: Outcome, reasons: tuple[str, ...], policy: ReviewPolicy, case_id: str
) -> tuple[Outcome, tuple[str, ...]]:
    """What the review policy adds to a clean outcome: every draft, or a sample drawn by the case id."""
    if outcome is not Outcome.DELIVER:
        return outcome, reasons
    if policy.when == "always":
        return Outcome.REVIEW, ("always",)
    if not policy.sample_percent:
        return outcome, reasons
    drawn = int.from_bytes(hashlib.sha256(case_id.encode()).digest()[:4], "big") / 2**32 * 100
    return (Outcome.REVIEW, ("sample",)) if drawn < policy.sample_percent else (outcome, reasons)


def with_proposals(outcome: Outcome, reasons: tuple[str, ...]) -> tuple[Outcome, tuple[str, ...]]:
    """What tool calls that change something add: a person, whatever policy says."""
    return max(outcome, Outcome.REVIEW, key=SEVERITY.__getitem__), (*reasons, "tool_call")


async def _judgements(run: Run) -> tuple[Judgement, ...]:
    stored = await run.content("findings") or []
    assert isinstance(stored, list)
    return tuple(
        item if isinstance(item, Judgement) else Judgement(guard=item["guard"], verdict=Verdict(item["verdict"]))
        for item in stored
    )
