"""What can happen to a case: one small class per event, in the past tense, and the envelope around it.

Events carry ids, codes, counts and commitments, never content, never floats: scores are decimal strings, money is
nano-units, times are UTC microseconds, durations microseconds. New fields get defaults and types never change, so
that old journals fold for ever.
"""

from dataclasses import dataclass
from typing import ClassVar

from leitstand.domain.call_event import ModelCallFinished as ModelCallFinished
from leitstand.domain.call_event import ModelCallIntended as ModelCallIntended
from leitstand.domain.call_event import ModelCallReused as ModelCallReused
from leitstand.domain.call_event import ModelCallWithheld as ModelCallWithheld
from leitstand.domain.guardrail import Outcome, Verdict
from leitstand.domain.review import Verb
from leitstand.domain.stop_event import CaseHalted as CaseHalted
from leitstand.domain.stop_event import CaseStopped as CaseStopped
from leitstand.domain.tool_event import ToolCallFinished as ToolCallFinished
from leitstand.domain.tool_event import ToolCallIntended as ToolCallIntended
from leitstand.domain.tool_event import ToolCallProposed as ToolCallProposed
from leitstand.domain.tool_event import ToolCallRefused as ToolCallRefused


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who did it: ``kind`` is ``system``, ``client`` or ``person``; ``id`` is pseudonymous."""

    kind: str
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseAccepted:
    """A case was acknowledged. ``channel`` is ``api``, ``openai``, ``cli`` or ``page``. Contents: ``input``.

    ``priority`` is 0 for what somebody waits for and 1 for a backfill, whose name is ``job``. ``traceparent`` names the
    caller's span (W3C Trace Context), if any.
    """

    type: ClassVar[str] = "case.accepted"
    workflow: str
    channel: str
    request_id: str = ""
    priority: int = 0
    job: str = ""
    traceparent: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseNormalised:
    """The input was cleaned; ``changes`` are codes of what was done. Contents: ``normalised``."""

    type: ClassVar[str] = "case.normalised"
    language: str
    changes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PassageUsed:
    """A passage in citation order; ``score`` is a decimal string."""

    id: str
    source: str
    score: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseRetrieved:
    """The sources were searched; ``passages[0]`` is cited as [1]. Contents: ``passages``."""

    type: ClassVar[str] = "case.retrieved"
    index_id: str
    passages: tuple[PassageUsed, ...]
    duration: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseDrafted:
    """There is a draft. ``fallback`` says that it is not from the target chosen first. Contents: ``draft``."""

    type: ClassVar[str] = "case.drafted"
    target: int
    fallback: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftMissed:
    """No target gave a usable draft.

    ``reason`` is ``exhausted``, ``deadline``, ``budget``, ``stopped``, ``tool_rounds`` or ``tool_refusals``.
    """

    type: ClassVar[str] = "case.draft_missed"
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VerdictGiven:
    """What one guardrail said, with the codes of its findings; the findings themselves are content."""

    guard: str
    verdict: Verdict
    codes: tuple[str, ...]
    duration: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseChecked:
    """The guardrails judged the draft. Contents: ``findings``."""

    type: ClassVar[str] = "case.checked"
    verdicts: tuple[VerdictGiven, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseDecided:
    """Policy turned verdicts into an outcome; ``due_at`` is set when a person must act."""

    type: ClassVar[str] = "case.decided"
    outcome: Outcome
    reasons: tuple[str, ...]
    due_at: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewDecided:
    """A person decided on the draft with that commitment, and accepted the proposed ``tool_calls`` by their numbers.

    Contents: ``output`` (the edited one) and ``note``, if any.
    """

    type: ClassVar[str] = "review.decided"
    verb: Verb
    reason: str
    draft_commitment: str
    seconds_shown: int | None
    tool_calls: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryIntended:
    """An outward effect will happen under ``key``; durable before the first byte leaves."""

    type: ClassVar[str] = "delivery.intended"
    number: int
    kind: str
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryFailed:
    """The receiver did not take it; tried again at ``retry_at``, or never when None.

    ``error`` is ``timeout``, ``unreachable``, ``refused``, ``server_error``, ``withheld`` or ``unwritable``, and
    ``status`` is that of its HTTP answer, if it gave one. The oldest journals do not say why: there both are empty.
    """

    type: ClassVar[str] = "delivery.failed"
    number: int
    attempt: int
    retry_at: int | None
    error: str = ""
    status: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseDelivered:
    """The output reached its receiver, or is ready for its caller."""

    type: ClassVar[str] = "case.delivered"
    number: int
    kind: str
    attempts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseInterrupted:
    """A step broke in a way that nobody foresaw; the case is tried again at ``retry_at``, or never when None."""

    type: ClassVar[str] = "case.interrupted"
    step: str
    error: str
    error_id: str
    retry_at: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseQuarantined:
    """The case was under way in ``crashes`` crashes of its worker in a row and not past ``step``: a person decides."""

    type: ClassVar[str] = "case.quarantined"
    step: str
    crashes: int
    due_at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFailed:
    """The case cannot go on; ``reason`` is a stable code."""

    type: ClassVar[str] = "case.failed"
    reason: str


Body = (
    CaseAccepted
    | CaseNormalised
    | CaseRetrieved
    | ModelCallIntended
    | ModelCallFinished
    | ModelCallReused
    | ModelCallWithheld
    | ToolCallRefused
    | ToolCallProposed
    | ToolCallIntended
    | ToolCallFinished
    | CaseDrafted
    | DraftMissed
    | CaseChecked
    | CaseDecided
    | ReviewDecided
    | DeliveryIntended
    | DeliveryFailed
    | CaseDelivered
    | CaseInterrupted
    | CaseQuarantined
    | CaseFailed
    | CaseHalted
    | CaseStopped
)

BODIES: dict[str, type[Body]] = {body.type: body for body in Body.__args__}
"""Event type to class."""

SCHEMA_VERSION = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """The envelope: where it belongs, when, by whom, under which release and runtime.

    ``commitments`` maps the name of a content to the hex SHA-256 of salt and payload.
    """

    tenant_id: str
    case_id: str
    seq: int
    epoch: int
    at: int
    actor: Actor
    release_digest: str
    runtime_version: str
    body: Body
    commitments: dict[str, str]
    schema_version: int = SCHEMA_VERSION

    @property
    def type(self) -> str:
        """The name of what happened, as ``case.accepted``."""
        return self.body.type
