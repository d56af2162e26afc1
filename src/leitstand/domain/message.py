"""What is said to a model, what comes back, and what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from leitstand.domain.retrieval import Passage

NANOS = 1_000_000_000
"""Money is counted in nano-units: one euro is 10**9."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """An amount in nano-units (1e-9) of a currency."""

    nanos: int
    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """What a million tokens cost, in nano-units of ``currency``."""

    input_per_million: int = field(metadata={"help": "Nano-units per million input tokens.", "minimum": 0})
    output_per_million: int = field(metadata={"help": "Nano-units per million output tokens.", "minimum": 0})
    currency: str = field(metadata={"help": "Currency code.", "pattern": "^[A-Z]{3}$", "examples": ["EUR"]})

    def cost(self, usage: "Usage") -> Money | None:
        """Cost of ``usage``; None when a token count is unknown and its price is not zero."""
        total = 0
        for tokens, price in (
            (usage.input_tokens, self.input_per_million),
            (usage.output_tokens, self.output_per_million),
        ):
            if price == 0:
                continue
            if tokens is None:
                return None
            total += tokens * price
        return Money(nanos=-(-total // 1_000_000), currency=self.currency)


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """Token counts as the provider reported them; None is unknown, never zero."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message of a conversation; ``role`` is ``system``, ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Grounding:
    """The question and the numbered passages behind a request, for providers that quote instead of writing.

    ``passages[0]`` is cited as ``[1]``.
    """

    question: str
    language: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One call of a model.

    ``schema`` is the JSON Schema of the wanted output, None for free text; ``timeout`` is in seconds; ``key`` is the
    idempotency key of the attempt.
    """

    model: str
    messages: tuple[Message, ...]
    schema: Mapping[str, object] | None
    grounding: Grounding
    timeout: float
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a model answered: its text, usage, the model that answered, why it stopped (``stop``, ``length`` ...)."""

    text: str
    usage: Usage
    model: str
    finish_reason: str
