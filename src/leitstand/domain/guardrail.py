"""What guardrails find, and what their verdicts add up to: deliver, review, escalate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leitstand.domain.message import Grounding


class Verdict(StrEnum):
    """What one guardrail says. Only ``passed`` lets a draft through unseen."""

    PASSED = "passed"
    FLAGGED = "flagged"
    BLOCKED = "blocked"
    ERROR = "error"
    NOT_RUN = "not_run"


class Outcome(StrEnum):
    """Where a checked draft goes, mildest first."""

    DELIVER = "deliver"
    REVIEW = "review"
    ESCALATE = "escalate"


SEVERITY = {Outcome.DELIVER: 0, Outcome.REVIEW: 1, Outcome.ESCALATE: 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing a guardrail points at.

    ``where`` names the text: ``input``, ``draft`` or ``passage:<id>``; ``start`` and ``end`` count characters in it
    (end exclusive, both 0 for the text as a whole). ``code`` is stable; ``message`` is a template filled from
    ``values``, translated when shown.
    """

    code: str
    where: str
    start: int
    end: int
    message: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """A guardrail's verdict with its findings; a score, when there is one, is a decimal string."""

    guard: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Everything a guardrail may look at.

    ``input_text`` is the normalised text of the case; ``draft`` the structured output; ``draft_text`` the cited text
    in it (``""`` when the workflow names none); ``schema`` the output schema; ``grounding`` the passages in citation
    order. What one guard worked out and the next one needs too lies in ``shared``, by a name of its own: it goes when
    the subject goes, so that no content of a case stays behind.
    """

    input_text: str
    draft: Mapping[str, object]
    draft_text: str
    schema: Mapping[str, object]
    grounding: Grounding
    shared: dict[str, object] = field(default_factory=dict, compare=False, repr=False)


def decide(
    judgements: Iterable[Judgement], policy: Mapping[str, Mapping[Verdict, Outcome]]
) -> tuple[Outcome, tuple[str, ...]]:
    """The outcome that the written policy gives, and the reasons ``guard:verdict`` that led to anything but delivery.

    ``policy`` maps each required guard to what its verdicts lead to. A guard that is in the policy and did not speak
    counts as ``not_run``. Unknown combinations lead to escalation: never a silent pass.
    """
    spoken = {judgement.guard: judgement.verdict for judgement in judgements}
    outcome, reasons = Outcome.DELIVER, []
    for guard in sorted(policy.keys() | spoken.keys()):
        verdict = spoken.get(guard, Verdict.NOT_RUN)
        if verdict is Verdict.PASSED:
            continue
        reached = policy.get(guard, {}).get(verdict, Outcome.ESCALATE)
        if reached is not Outcome.DELIVER:
            reasons.append(f"{guard}:{verdict}")
        outcome = max(outcome, reached, key=SEVERITY.__getitem__)
    return outcome, tuple(reasons)
