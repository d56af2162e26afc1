"""What can happen when a model is asked? The events of a call, by the rules of ``event``."""

from dataclasses import dataclass
from typing import ClassVar

from leitstand.domain.price import Usage


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelCallIntended:
    """A model is about to be asked; durable before the first byte leaves. ``target`` counts the chain from 0.

    ``zones`` is the digest of the operator's zone file that let the data go there, empty where the table that ships
    did. Contents: ``prompt.N``.
    """

    type: ClassVar[str] = "model_call.intended"
    target: int
    provider: str
    model: str
    attempt: int
    zones: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelCallFinished:
    """An attempt ended. ``error`` is ``""`` or the kind of failure; None for tokens or cost means unknown.

    No token is in two counts. An answer that asks for ``tool_calls`` is no draft yet. Contents: ``answer.N``,
    ``call.N`` for each tool call, and ``thought.N`` where the service wants something of its own back with results.
    """

    type: ClassVar[str] = "model_call.finished"
    target: int
    attempt: int
    error: str
    retryable: bool
    retry_after: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost: int | None
    currency: str
    response_model: str
    finish_reason: str
    repaired: bool
    duration: int
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    audio_input_tokens: int | None = None
    audio_output_tokens: int | None = None
    tool_calls: int = 0

    @property
    def usage(self) -> Usage:
        """The counts together."""
        return Usage(
            input_tokens=self.input_tokens,
            cached_input_tokens=self.cached_input_tokens,
            cache_write_tokens=self.cache_write_tokens,
            audio_input_tokens=self.audio_input_tokens,
            output_tokens=self.output_tokens,
            reasoning_tokens=self.reasoning_tokens,
            audio_output_tokens=self.audio_output_tokens,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelCallWithheld:
    """A gate did not let a call leave and nothing was sent; ``reason`` is ``zone``, ``breaker``, ``rate`` ...

    ``zones`` as in ``model_call.intended``.
    """

    type: ClassVar[str] = "model_call.withheld"
    target: int
    provider: str
    model: str
    reason: str
    zones: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelCallReused:
    """No model was asked: the answer that a call of ``source_case`` brought is given again, and costs nothing.

    ``how`` is ``exact`` for the same request, ``shared`` for the same request at the same time, ``semantic`` for a
    question that means the same; ``similarity`` is a decimal string then, else empty. ``age`` is how old the answer
    is, in microseconds. Contents: ``answer.N``.
    """

    type: ClassVar[str] = "model_call.reused"
    target: int
    provider: str
    model: str
    how: str
    source_case: str
    response_model: str
    finish_reason: str
    similarity: str = ""
    age: int = 0
