"""What does a model call cost?

A token is counted in exactly one class, so that no class is paid for twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from leitstand.domain.keys import described

NANOS = 1_000_000_000
"""Money is counted in nano-units: one euro is 10**9."""

MILLION = 1_000_000


def decimal(nanos: int) -> str:
    """Nano-units as an exact decimal string without trailing zeros."""
    whole, part = divmod(nanos, NANOS)
    return f"{whole}.{part:09d}".rstrip("0").rstrip(".")


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """An amount in nano-units (1e-9) of a currency."""

    nanos: int
    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """Token counts as the provider reported them, in classes that do not overlap; None is unknown, never zero.

    ``input_tokens`` are neither cached, nor written to the cache, nor audio; ``output_tokens`` are neither reasoning
    nor audio. What a service does not tell apart is in these two: its own class is then None.
    """

    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    audio_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    audio_output_tokens: int | None = None

    @classmethod
    def none(cls) -> "Usage":
        """What a call took that was turned away: nothing, and that is known."""
        return cls(input_tokens=0, output_tokens=0)

    def by_class(self) -> tuple[tuple[str, int | None], ...]:
        """Name of each class, as metrics call it, and its tokens."""
        return (
            ("input", self.input_tokens),
            ("cached_input", self.cached_input_tokens),
            ("cache_write", self.cache_write_tokens),
            ("audio_input", self.audio_input_tokens),
            ("output", self.output_tokens),
            ("reasoning", self.reasoning_tokens),
            ("audio_output", self.audio_output_tokens),
        )

    @property
    def given(self) -> int | None:
        """All tokens that went in."""
        if self.input_tokens is None:
            return None
        apart = (self.cached_input_tokens, self.cache_write_tokens, self.audio_input_tokens)
        return self.input_tokens + sum(filter(None, apart))

    @property
    def made(self) -> int | None:
        """All tokens that came out."""
        if self.output_tokens is None:
            return None
        return self.output_tokens + sum(filter(None, (self.reasoning_tokens, self.audio_output_tokens)))


def _per_million(help_text: str) -> dict[str, object]:
    return described(f"Nano-units per million {help_text}", minimum=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rates:
    """What a million tokens of each class cost, in nano-units; None is unknown."""

    input_per_million: int = field(metadata=_per_million("input tokens."))
    output_per_million: int = field(metadata=_per_million("output tokens."))
    cached_input_per_million: int | None = field(
        default=None, metadata=_per_million("input tokens read from a cache; as input when left out.")
    )
    cache_write_per_million: int | None = field(
        default=None, metadata=_per_million("input tokens written to a cache; unknown when left out.")
    )
    reasoning_per_million: int | None = field(
        default=None, metadata=_per_million("tokens of reasoning; as output when left out.")
    )
    audio_input_per_million: int | None = field(
        default=None, metadata=_per_million("input tokens of audio; unknown when left out.")
    )
    audio_output_per_million: int | None = field(
        default=None, metadata=_per_million("output tokens of audio; unknown when left out.")
    )

    def nanos(self, usage: Usage) -> int | None:
        """What ``usage`` costs, rounded up; None when a count or a rate that matters is unknown."""
        total = 0
        for tokens, rate in self._apart(usage):
            if rate == 0 or tokens == 0:
                continue
            if tokens is None or rate is None:
                return None
            total += tokens * rate
        return -(-total // MILLION)

    def most_nanos(self, input_tokens: int, output_tokens: int) -> int:
        """What so many tokens cost when all are of the dearest class of text."""
        given = max(self.input_per_million, self.cache_write_per_million or 0)
        made = max(self.output_per_million, self.reasoning_per_million or 0)
        return -(-(input_tokens * given + output_tokens * made) // MILLION)

    def _apart(self, usage: Usage) -> Iterator[tuple[int | None, int | None]]:
        """Tokens and rate of each class; of those that may not be told apart only when they are.

        Nothing is dearer to read from a cache than to read, and no service asks more for reasoning than for output;
        writing to a cache and audio are dearer, and so unknown unless the input, or the output, is free.
        """
        given, made = self.input_per_million, self.output_per_million
        cached, reasoning = self.cached_input_per_million, self.reasoning_per_million
        yield usage.input_tokens, given
        yield usage.output_tokens, made
        yield usage.cached_input_tokens or 0, given if cached is None else cached
        yield usage.cache_write_tokens or 0, self.cache_write_per_million if given else 0
        yield usage.reasoning_tokens or 0, made if reasoning is None else reasoning
        yield usage.audio_input_tokens or 0, self.audio_input_per_million if given else 0
        yield usage.audio_output_tokens or 0, self.audio_output_per_million if made else 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Tier(Rates):
    """What everything costs in a call with a long input."""

    above_input_tokens: int = field(
        metadata=described("These prices hold for calls with more input tokens than this.", minimum=1)
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Price(Rates):
    """What a million tokens cost, in nano-units of ``currency``; ``tiers`` hold instead for calls with long inputs."""

    currency: str = field(metadata=described("Currency code.", pattern="^[A-Z]{3}$", examples=["EUR"]))
    source: str = field(default="", metadata=described("Where the price is from, as a contract or a table."))
    tiers: tuple[Tier, ...] = field(default=(), metadata=described("Other prices for calls with long inputs."))

    def cost(self, usage: Usage) -> Money | None:
        """Cost of ``usage``; None when it cannot be known."""
        given = usage.given
        if self.tiers and given is None:
            return None
        nanos = self.rates_for(given or 0).nanos(usage)
        return None if nanos is None else Money(nanos=nanos, currency=self.currency)

    def most(self, input_tokens: int, output_tokens: int) -> Money:
        """What a call with at most so many tokens may cost."""
        reached = [self, *(tier for tier in self.tiers if input_tokens > tier.above_input_tokens)]
        nanos = max(rates.most_nanos(input_tokens, output_tokens) for rates in reached)
        return Money(nanos=nanos, currency=self.currency)

    def rates_for(self, input_tokens: int) -> Rates:
        """The rates of a call with so long an input."""
        tiers = [tier for tier in self.tiers if input_tokens > tier.above_input_tokens]
        return max(tiers, key=lambda tier: tier.above_input_tokens, default=self)
