"""Which changes does a case go through in a test of a store? Small journals, built by the domain alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from leitstand.domain import event as happened
from leitstand.domain.budget import Budget
from leitstand.domain.case import Case, Priority, after, begin
from leitstand.domain.drafting import Draft, Target
from leitstand.domain.event import Actor, Body, Event
from leitstand.domain.guardrail import Outcome
from leitstand.domain.policy import ReviewPolicy
from leitstand.domain.release import Release, release_digest
from leitstand.domain.review import Verb
from leitstand.domain.workflow import Baseline, Normalisation, Owners, ResponseSlo, Workflow
from leitstand.encoding import canonical, commitment, new_salt
from leitstand.ports import CaseStore, Change, Content, Effect, Vacancy
from leitstand.runtime.ids import new_id

TENANT = "default"
CLIENT = Actor(kind="client", id="client-1")
SYSTEM = Actor(kind="system", id="runtime")
DIGEST = "d" * 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What tells one opened case from another; ``at`` in UTC microseconds."""

    at: int
    workflow: str = "letters"
    tenant_id: str = TENANT
    release_digest: str = DIGEST
    priority: Priority = Priority.INTERACTIVE
    job: str = ""


def opening(start: Opening, contents: Mapping[str, bytes] | None = None) -> Change:
    """The change that opens a new case, with an ``input`` unless other contents are given."""
    blank = Case(
        tenant_id=start.tenant_id,
        case_id=new_id(start.at),
        workflow=start.workflow,
        release_digest=start.release_digest,
        accepted_at=start.at,
        priority=start.priority,
        job=start.job,
    )
    stored = _contents(contents if contents is not None else {"input": b'{"text":"hello"}'})
    event = _event(
        blank,
        happened.CaseAccepted(workflow=start.workflow, channel="api", priority=start.priority, job=start.job),
        stored,
        start.at,
    )
    return Change(case=begin(event), events=(event,), contents=stored)


def then(case: Case, at: int, *bodies: Body, contents: Mapping[str, bytes] | None = None) -> Change:
    """The change that ``bodies`` make to a case, one event each, a microsecond apart; the last carries ``contents``."""
    stored = _contents(contents or {})
    events = []
    for place, body in enumerate(bodies):
        last = place == len(bodies) - 1
        event = _event(case, body, stored if last else (), at + place)
        case = after(case, event)
        events.append(event)
    return Change(case=case, events=tuple(events), contents=stored)


def with_effects(change: Change, *effects: Effect) -> Change:
    """The same change with effects for the outbox."""
    return replace(change, effects=effects)


NORMALISED = happened.CaseNormalised(language="de", changes=("line_endings",))
INTENDED = happened.ModelCallIntended(target=0, provider="scripted", model="m", attempt=1)
ANSWERED = happened.ModelCallFinished(
    target=0,
    attempt=1,
    error="",
    retryable=False,
    retry_after=None,
    input_tokens=10,
    output_tokens=5,
    cost=1200,
    currency="EUR",
    response_model="m",
    finish_reason="stop",
    repaired=False,
    duration=1000,
)
REUSED = happened.ModelCallReused(
    target=0,
    provider="scripted",
    model="m",
    how="exact",
    source_case="019b76da-a800-7000-8000-000000000000",
    response_model="m",
    finish_reason="stop",
    age=5_000_000,
)
DRAFTED = happened.CaseDrafted(target=0, fallback=False)
DELIVERED = happened.CaseDelivered(number=1, kind="caller", attempts=0)

ACCEPTED = happened.ReviewDecided(verb=Verb.ACCEPT, reason="", draft_commitment="", seconds_shown=30)


def decided(outcome: Outcome, due_at: int | None = None, reasons: tuple[str, ...] = ()) -> happened.CaseDecided:
    """A decision of policy."""
    return happened.CaseDecided(outcome=outcome, reasons=reasons, due_at=due_at)


def delayed(until: int) -> happened.CaseInterrupted:
    """A step broke and is tried again at ``until``."""
    return happened.CaseInterrupted(step="draft", error="ValueError", error_id="e1", retry_at=until)


async def opened(cases: CaseStore, start: Opening, contents: Mapping[str, bytes] | None = None) -> Case:
    """A new case, stored."""
    return (await cases.open(opening(start, contents), None)).case


async def appended(
    cases: CaseStore, case: Case, at: int, *bodies: Body, contents: Mapping[str, bytes] | None = None
) -> Case:
    """The case after ``bodies``, stored."""
    change = then(case, at, *bodies, contents=contents)
    await cases.append(change, due_to=case.seq)
    return change.case


def release(name: str, files: Mapping[str, bytes]) -> Release:
    """A small release."""
    workflow = Workflow(
        name=name,
        title={"en": name},
        purpose={"en": "Tests."},
        owners=Owners(technical="t", domain="d"),
        data_class="public",
        risk_class="minimal",
        baseline=Baseline(minutes_per_case=1.5, cost_per_case="1.00 EUR", source="a guess"),
        slo=ResponseSlo(response_seconds=2.5, target_percent=99),
        budget=Budget(per_case="0.01 EUR", per_month="1 EUR"),
        input=Normalisation(text="text"),
        draft=Draft(chain=(Target(provider="scripted", options={"a": 1, "b": "x", "c": 0.5, "d": True}),)),
        review=ReviewPolicy(when="flagged", due_minutes=5),
    )
    return Release(digest=release_digest(files, "index"), workflow=workflow, files=files, index_id="index")


def _contents(given: Mapping[str, bytes]) -> tuple[Content, ...]:
    return tuple(Content(name=name, salt=new_salt(), payload=payload) for name, payload in given.items())


def _event(case: Case, body: Body, contents: tuple[Content, ...], at: int) -> Event:
    return Event(
        tenant_id=case.tenant_id,
        case_id=case.case_id,
        seq=case.seq + 1,
        epoch=case.epoch,
        at=at,
        actor=SYSTEM if case.seq else CLIENT,
        release_digest=case.release_digest,
        runtime_version="0",
        body=body,
        commitments={content.name: commitment(content.salt, content.payload) for content in contents},
    )


def text(value: str) -> bytes:
    """A text as the content that it would be."""
    return canonical({"text": value})


async def claimed(cases: CaseStore, *, limit: int, skip: Sequence[str] = ()) -> tuple[Case, ...]:
    """What a worker with room for ``limit`` cases takes over, whatever their crashes."""
    return tuple([case for case, _ in await cases.claim(Vacancy(limit=limit, skip=skip))])
