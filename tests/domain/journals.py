"""How do tests write a journal in a few words?"""

from leitstand.domain import event as happened
from leitstand.domain.event import Actor, Body, Event
from leitstand.domain.guardrail import Outcome, Verdict
from leitstand.domain.review import Verb

SYSTEM = Actor(kind="system", id="runtime")

ACCEPTED = happened.CaseAccepted(workflow="help", channel="api")
NORMALISED = happened.CaseNormalised(language="de", changes=("mojibake",))
RETRIEVED = happened.CaseRetrieved(
    index_id="i", passages=(happened.PassageUsed(id="p", source="a.md", score="0.5"),), duration=9
)
INTENDED = happened.ModelCallIntended(target=0, provider="scripted", model="", attempt=1)
DRAFTED = happened.CaseDrafted(target=0, fallback=False)
MISSED = happened.DraftMissed(reason="exhausted")
CHECKED = happened.CaseChecked(
    verdicts=(happened.VerdictGiven(guard="citations", verdict=Verdict.PASSED, codes=(), duration=3),)
)
DELIVER = happened.CaseDecided(outcome=Outcome.DELIVER, reasons=(), due_at=None)
REVIEW = happened.CaseDecided(outcome=Outcome.REVIEW, reasons=("citations:flagged",), due_at=99)
ESCALATE = happened.CaseDecided(outcome=Outcome.ESCALATE, reasons=("no_draft",), due_at=99)
DELIVERED = happened.CaseDelivered(number=1, kind="caller", attempts=0)


def finished(
    error: str = "", cost: int | None = 5, currency: str = "EUR", target: int = 0
) -> happened.ModelCallFinished:
    """A model call that ended; ``error`` is ``""`` for an answer."""
    return happened.ModelCallFinished(
        target=target,
        attempt=1,
        error=error,
        retryable=bool(error),
        retry_after=None,
        input_tokens=None,
        output_tokens=None,
        cost=cost,
        currency=currency,
        response_model="",
        finish_reason="stop",
        repaired=False,
        duration=7,
    )


def reviewed(verb: Verb) -> happened.ReviewDecided:
    """A person's decision."""
    return happened.ReviewDecided(verb=verb, reason="", draft_commitment="c", seconds_shown=12)


def journal(*bodies: Body, epoch: int = 1) -> tuple[Event, ...]:
    """The bodies as the events of one case, at 1, 2, 3 ... microseconds."""
    return tuple(
        Event(
            tenant_id="default",
            case_id="c1",
            seq=seq,
            epoch=epoch,
            at=seq,
            actor=SYSTEM,
            release_digest="d" * 64,
            runtime_version="0",
            body=body,
            commitments={"draft": "c"} if isinstance(body, happened.CaseDrafted) else {},
        )
        for seq, body in enumerate(bodies, 1)
    )


TO_DRAFT = (ACCEPTED, NORMALISED, RETRIEVED, INTENDED, finished(), DRAFTED)
