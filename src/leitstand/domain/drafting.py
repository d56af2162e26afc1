"""How is a draft made: which models are asked, in which order, how long may they take?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from leitstand.domain.breaker import BreakerSpec
from leitstand.domain.caching import Cache
from leitstand.domain.keys import described
from leitstand.domain.price import Price
from leitstand.domain.zone import ClaimedZone

ADDRESSES = {"anthropic": "https://api.anthropic.com/v1", "openai_responses": "https://api.openai.com/v1"}
"""Where a provider's service is when a target names no other address."""

UNSPOKEN: Mapping[str, frozenset[str]] = {
    "anthropic": frozenset({"frequency_penalty", "presence_penalty", "response_format", "seed"}),
    "openai_responses": frozenset({"frequency_penalty", "presence_penalty", "seed", "stop"}),
}
"""Options of a caller for which the API of a provider has no word."""

CHANGES_NOTHING: Mapping[str, object] = {
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "response_format": {"type": "text"},
    "stop": [],
}
"""Values of options that say what happens anyway, so that they need no word."""


def unspoken(provider: str, options: Mapping[str, object]) -> tuple[str, ...]:
    """The options of a caller that a provider could not tell its service, and that would change something."""
    wordless = UNSPOKEN.get(provider, frozenset()).intersection(options)
    return tuple(
        sorted(name for name in wordless if options[name] is not None and options[name] != CHANGES_NOTHING.get(name))
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One model of the chain."""

    provider: str = field(
        metadata=described("Extension that calls the model.", minLength=1, examples=["openai_compatible", "extractive"])
    )
    model: str = field(default="", metadata=described("Model name as the provider knows it."))
    base_url: str = field(
        default="",
        metadata=described(
            "Address of the provider's API, up to and including /v1; left out, `anthropic` and `openai_responses` have "
            "their own.",
            pattern=r"^(https?://.+)?$",
            examples=["http://127.0.0.1:8080/v1"],
        ),
    )
    zone: ClaimedZone = field(
        default="",
        metadata=described(
            "Where the address is: `local` (this house), `sovereign_eu`, `eu_hyperscaler` or `third_country`. Required "
            "unless the address is on this machine or the provider asks nobody; `data_class` decides what may go there."
        ),
    )
    api_key_env: str = field(
        default="",
        metadata=described(
            "Name of the environment variable that holds the key.",
            pattern=r"^[A-Z_][A-Z0-9_]*$|^$",
            examples=["OPENAI_API_KEY"],
        ),
    )
    timeout_seconds: float = field(
        default=30.0, metadata=described("Longest wait for one attempt.", exclusiveMinimum=0, maximum=600)
    )
    connect_seconds: float = field(
        default=5.0,
        metadata=described(
            "Longest wait for a connection, name and handshake included.", exclusiveMinimum=0, maximum=600
        ),
    )
    first_token_seconds: float | None = field(
        default=None,
        metadata=described(
            "Longest wait for the first piece of the answer's text; asks the model for a stream.",
            exclusiveMinimum=0,
            maximum=600,
        ),
    )
    between_tokens_seconds: float | None = field(
        default=None,
        metadata=described(
            "Longest pause between two pieces of the answer's text; asks the model for a stream.",
            exclusiveMinimum=0,
            maximum=600,
        ),
    )
    context_tokens: int | None = field(
        default=None,
        metadata=described("How many tokens question and answer may have together; unknown when left out.", minimum=1),
    )
    retries: int = field(
        default=1,
        metadata=described("Further attempts on this target after a failure that may pass.", minimum=0, maximum=5),
    )
    price: Price | None = field(
        default=None,
        metadata=described(
            "Price per million tokens in nano-units; that of the price table when left out, unknown when it has none."
        ),
    )
    requests_per_minute: int = field(
        default=0, metadata=described("Most calls that a process makes a minute; 0 for no limit.", minimum=0)
    )
    tokens_per_minute: int = field(
        default=0,
        metadata=described("Most tokens, in and out, that a process takes a minute; 0 for no limit.", minimum=0),
    )
    options: Mapping[str, str | int | float | bool] = field(
        default_factory=dict, metadata=described("Options of the provider.")
    )

    def __post_init__(self) -> None:
        """Whoever asks where data goes finds the address, whether it was written down or not."""
        if not self.base_url and self.provider in ADDRESSES:
            object.__setattr__(self, "base_url", ADDRESSES[self.provider])

    @property
    def name(self) -> str:
        """What people call it: its model, or the provider where that has only one."""
        return self.model or self.provider


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """How the draft is made: prompt, chain of models, deadline."""

    chain: tuple[Target, ...] = field(metadata=described("Models in the order in which they are tried.", minItems=1))
    deadline_seconds: float = field(
        default=60.0, metadata=described("The whole chain gets this long.", exclusiveMinimum=0, maximum=3600)
    )
    weakest_zone: ClaimedZone = field(
        default="",
        metadata=described(
            "The weakest zone that any target of the chain may be in; left out, that of its first target: a fallback "
            "never goes further away unless this says so."
        ),
    )
    order: Literal["listed", "cost", "latency", "quality"] = field(
        default="listed",
        metadata=described(
            "Which target comes first: as `listed`, the cheapest (`cost`), the quickest (`latency`), or the one "
            "with the best score on the gold cases (`quality`); what is not known comes last."
        ),
    )
    hedge_after_seconds: float | None = field(
        default=None,
        metadata=described(
            "Ask the next target as well when the first has not answered by then; the quicker usable answer counts.",
            exclusiveMinimum=0,
            maximum=600,
        ),
    )
    retry_percent: float = field(
        default=20.0,
        metadata=described(
            "Share of the workflow's calls of the last minute in one process that may be retries or second requests.",
            minimum=0,
            maximum=100,
        ),
    )
    breaker: BreakerSpec = field(
        default_factory=BreakerSpec, metadata=described("When a failing or slow model is left alone.")
    )
    text: str = field(
        default="",
        metadata=described("The output field that holds the cited text; empty for outputs without citations."),
    )
    form: Literal["json", "text"] = field(
        default="json",
        metadata=described(
            "`json`: the model answers with one JSON object that fits the output schema; `text`: whatever it writes "
            "becomes the output field that `text` names."
        ),
    )
    cache: Cache = field(default_factory=Cache, metadata=described("Whether answers are given again."))
    tool_rounds: int = field(
        default=5,
        metadata=described(
            "Answers in one case that may ask for tools; with one more the draft ends.", minimum=1, maximum=50
        ),
    )
