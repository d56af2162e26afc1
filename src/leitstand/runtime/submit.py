"""How is a case accepted? Checked, durable, and under way before the caller hears of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from leitstand.domain.case import Case, CaseSummary, Priority
from leitstand.domain.drafting import unspoken
from leitstand.domain.errors import InputInvalid, TooLarge
from leitstand.domain.event import Actor, CaseAccepted
from leitstand.domain.message import CALL_OPTIONS, ConversationUnreadable
from leitstand.domain.workflow import Workflow
from leitstand.domain.zone import IN_PROCESS
from leitstand.encoding import canonical
from leitstand.ports import Admission, Data
from leitstand.runtime.ids import new_id
from leitstand.runtime.listen import Listener
from leitstand.runtime.parts import Parts, Problems
from leitstand.runtime.record import first_change
from leitstand.runtime.run_case import CALLER
from leitstand.runtime.worker import Worker


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What a caller hands in; ``idempotency_key`` lets the same request come twice and open one case.

    ``listener`` hears a case that begins here and now; one that was there before, or waits for its turn, it does not.
    """

    tenant_id: str
    workflow: str
    input: Data
    actor: Actor
    channel: str
    idempotency_key: str | None = None
    request_id: str = ""
    priority: Priority = Priority.INTERACTIVE
    job: str = ""
    traceparent: str = ""
    listener: Listener | None = None


async def open_case(parts: Parts, worker: Worker, submission: Submission) -> CaseSummary:
    """The accepted case, durable, and under way or in the queue; for a repeated key the case of the first time.

    A backfill never starts at once and never counts as a queue of people who wait: whoever has room takes it up.

    Raises ``WorkflowUnknown``, ``InputInvalid``, ``TooLarge``, ``IdempotencyConflict``, ``CallerTooFast``,
    ``Overloaded``.
    """
    installed = parts.installations.active(submission.tenant_id, submission.workflow)
    check_input(installed.workflow, installed.input_problems, submission.input)
    if submission.priority is Priority.INTERACTIVE and parts.rates:
        parts.rates.admit(submission.tenant_id, installed.workflow, submission.actor.id)
    now = parts.clock()
    opening = Case(
        tenant_id=submission.tenant_id,
        case_id=new_id(now),
        workflow=submission.workflow,
        release_digest=installed.digest,
        accepted_at=now,
        priority=submission.priority,
    )
    accepted = CaseAccepted(
        workflow=submission.workflow,
        channel=submission.channel,
        request_id=submission.request_id,
        priority=submission.priority,
        job=submission.job,
        traceparent=submission.traceparent,
    )
    interactive = submission.priority is Priority.INTERACTIVE
    key = submission.idempotency_key
    admission = Admission(key=key, request=canonical([submission.workflow, submission.input])) if key else None
    with worker.room_for(opening) as kept:
        if interactive and not kept:
            worker.queue.admit(submission.tenant_id, installed.workflow)
        change = first_change(opening, accepted, submission.actor, {"input": submission.input}, kept=kept)
        summary = await parts.cases.open(change, admission)
    if summary.case.case_id != opening.case_id:
        return replace(summary, repeated=True)
    parts.watch.saved(change)
    if kept:
        if submission.listener:
            parts.listeners.add(opening.case_id, submission.listener)
        worker.start(change.case, {"input": submission.input, CALLER: submission.actor.id})
    return summary


def check_input(workflow: Workflow, input_problems: Callable[[object], Problems], given: Data) -> None:
    """Raise what is wrong with the input; it has cost no model call yet."""
    if problems := input_problems(given):
        detail = "; ".join(f"{pointer or '/'} {message}" for pointer, message in problems[:5])
        raise InputInvalid(problems=problems, workflow=workflow.name, detail=detail)
    if workflow.input.messages:
        _check_options(workflow, given)
    size, limit = _size(workflow, given), workflow.input.max_chars
    if size > limit:
        what = f"/{workflow.input.text or workflow.input.messages}"
        raise TooLarge(what=what, size=size, limit=limit, unit="characters")


def _check_options(workflow: Workflow, given: Data) -> None:
    """Raise for options that no model of the chain could be told; one that asks nobody is no model."""
    options = {name: given[name] for name in CALL_OPTIONS if name in given}
    models = [target.provider for target in workflow.draft.chain if target.provider not in IN_PROCESS]
    wordless = [set(unspoken(provider, options)) for provider in models]
    if missing := sorted(set.intersection(*wordless)) if wordless else []:
        problems = tuple(
            (f"/{name}", "is an option that no model of this workflow knows; leave it out") for name in missing
        )
        detail = "; ".join(f"{pointer} {message}" for pointer, message in problems)
        raise InputInvalid(problems=problems, workflow=workflow.name, detail=detail)


def _size(workflow: Workflow, given: Data) -> int:
    try:
        return workflow.input.size_of(given)
    except ConversationUnreadable as error:
        pointer = f"/{workflow.input.messages}{error.pointer}"
        problems = ((pointer, error.detail),)
        raise InputInvalid(problems=problems, workflow=workflow.name, detail=f"{pointer} {error.detail}") from None
