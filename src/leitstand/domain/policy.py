"""Which drafts may go out, which must a person see, and where do accepted ones go?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from leitstand.domain.guardrail import Outcome, Verdict
from leitstand.domain.keys import described
from leitstand.domain.zone import ClaimedZone


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckSpec:
    """One guardrail that must speak, and where its verdicts lead."""

    guard: str = field(metadata=described("Extension that judges the draft.", minLength=1))
    on_flagged: Outcome = field(default=Outcome.REVIEW, metadata=described("Where a flagged draft goes."))
    on_blocked: Outcome = field(default=Outcome.ESCALATE, metadata=described("Where a blocked draft goes."))
    options: Mapping[str, str | int | float | bool] = field(
        default_factory=dict, metadata=described("Options of the guardrail.")
    )
    timeout_seconds: float | None = field(
        default=None,
        metadata=described(
            "Longest wait for its verdict, then a person sees the draft; those that come along need no limit.",
            exclusiveMinimum=0,
            maximum=600,
        ),
    )

    def leads_to(self) -> dict[Verdict, Outcome]:
        """Verdict to outcome; a guard that failed or did not run leads at least to review."""
        return {
            Verdict.PASSED: Outcome.DELIVER,
            Verdict.FLAGGED: self.on_flagged,
            Verdict.BLOCKED: self.on_blocked,
            Verdict.ERROR: Outcome.REVIEW,
            Verdict.NOT_RUN: Outcome.REVIEW,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewPolicy:
    """Which drafts a person sees, and by when."""

    when: Literal["always", "flagged"] = field(
        metadata=described("`always`: every draft; `flagged`: only what a check sends there.")
    )
    due_minutes: int = field(
        metadata=described("A waiting case is due after this many minutes.", minimum=1, maximum=100_000)
    )
    sample_percent: float = field(
        default=0.0, metadata=described("Share of clean drafts reviewed all the same.", minimum=0, maximum=100)
    )
    on_budget: Literal["review", "escalate", "fail"] = field(
        default="escalate",
        metadata=described(
            "Where a case goes whose draft the budget does not allow: to a person, or with `fail` to nobody; it then "
            "ends as failed with the reason `budget`."
        ),
    )
    on_stopped: Literal["review", "escalate"] = field(
        default="escalate", metadata=described("Where a case goes whose draft was stopped by somebody.")
    )
    reject_reasons: tuple[str, ...] = field(
        default=("wrong", "incomplete", "not_supported", "tone", "other"),
        metadata=described("Reasons offered on reject, keys 1 to 9.", maxItems=9),
    )

    def without_draft(self, reason: str) -> Outcome | None:
        """Where a case without a draft goes: what failed is escalated, what was not allowed goes where policy says.

        None ends it as failed.
        """
        said = {"budget": self.on_budget, "stopped": self.on_stopped}.get(reason, "escalate")
        return None if said == "fail" else Outcome(said)


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """Where the accepted output goes."""

    kind: Literal["caller", "webhook", "file"] = field(
        default="caller",
        metadata=described("`caller` reads it from the case; `webhook` gets a POST; `file` one JSON file per case."),
    )
    url: str = field(
        default="",
        metadata=described(
            "Receiver of the webhook.", pattern=r"^(https?://.+)?$", examples=["https://example.org/hook"]
        ),
    )
    zone: ClaimedZone = field(
        default="", metadata=described("Where the receiver is; required unless its address is on this machine.")
    )
    folder: str = field(default="", metadata=described("Folder for the files."))
    timeout_seconds: float = field(
        default=10.0, metadata=described("Longest wait for the receiver.", exclusiveMinimum=0, maximum=120)
    )
