"""How is a model asked once: let through by the gates, its intent durable, its answer read, its end noted?"""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from leitstand.domain.errors import LeaseLost, ProviderFailed
from leitstand.domain.event import ModelCallFinished, ModelCallIntended, ModelCallWithheld
from leitstand.domain.message import Answer, ToolCall
from leitstand.domain.price import Usage
from leitstand.domain.tool import call_id
from leitstand.ports import Data
from leitstand.runtime.gates import Call, Passing, Withheld
from leitstand.runtime.pace import Pace
from leitstand.runtime.run_case import Run

LONGEST_WAIT = 365 * 86_400.0
"""Seconds; services ask for longer ones, and mean that they will never answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Usable:
    """An answer that is a draft: the parsed output, and whether its text had to be repaired."""

    answer: Answer
    output: Data
    repaired: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolsAsked:
    """An answer that is no draft yet: the model wants the results of these calls first."""

    calls: tuple[ToolCall, ...]


Found = Usable | ToolsAsked | ProviderFailed

Read = Callable[[Answer], Found]
"""What is in an answer: success is a validated payload, not a status code."""


class ModelCall:
    """One call of a model; every call of the house is one.

    Whoever makes it takes it through ``begin`` (which is ``enter`` and ``intend``), ``ask`` and ``end``, and in every
    case through ``leave``. Only ``intend`` and ``end`` touch the journal: two may wait for their turn or ask at once.
    ``found`` is what came of it.
    """

    def __init__(self, run: Run, call: Call, read: Read) -> None:
        self.call = call
        self.read = read
        self.found: Found | None = None
        self._run = run
        self._passing = Passing(run.parts.gates, call)
        self._answer: Answer | None = None
        self._began = 0
        self._duration = 0

    async def begin(self) -> Withheld | None:
        """Pass the gates and make the intent durable, before the first byte leaves; why it may not, if so."""
        withheld = await self.enter()
        await self.intend(withheld)
        return withheld

    async def enter(self) -> Withheld | None:
        """Pass the gates; why it may not leave, if so. Nothing is noted."""
        return await self._passing.enter()

    async def intend(self, withheld: Withheld | None) -> None:
        """Note why the gates did not let it leave, or make the intent durable."""
        call, journal = self.call, self._run.journal
        index, provider, model, zones = call.index, call.target.provider, call.target.model, call.zones
        if withheld:
            reason = withheld.reason
            journal.note(ModelCallWithheld(target=index, provider=provider, model=model, reason=reason, zones=zones))
            return
        intent = ModelCallIntended(target=index, provider=provider, model=model, attempt=call.attempt, zones=zones)
        messages = call.request.messages
        journal.note(intent, {} if self._run.memory.get(SENT) is messages else {_prompt(call.attempt): messages})
        self._run.memory[SENT] = messages
        try:
            await journal.save()
        except LeaseLost:  # whoever goes on may hold money under the same number
            self._passing.sent()
            raise
        self._began = self._run.parts.clock()

    async def ask(self) -> None:
        """Ask, and read what comes; whatever a provider raises counts as its failure, and so does its silence."""
        self._passing.sent()
        answer = await _asked(self._run, self.call)
        if isinstance(answer, Answer):
            self._answer, self.found = answer, self.read(answer)
            if isinstance(self.found, ProviderFailed):
                self.found.usage = answer.usage
        else:
            self.found = answer
        self._duration = self._run.parts.clock() - self._began

    def end(self) -> Found:
        """Note how it ended; one that nobody waited for was cancelled."""
        found, answer = self.found or _cancelled(self.call), self._answer
        self._duration = self._duration or self._run.parts.clock() - self._began
        usable = None if isinstance(found, ProviderFailed) else answer
        self._passing.heard(usable or found, self._duration)  # type: ignore[arg-type]
        event = self._event(found)
        if listener := self._run.parts.listeners.of(self.call.case_id):
            listener.answered(event)
        self._run.journal.note(event, self._run.keep(**self._said(found)))
        return found

    async def leave(self) -> None:
        """Let the gates hear of it, whatever happened."""
        await self._passing.leave()

    def _said(self, found: Found) -> Data:
        """The contents of an answer: its text, and the tool calls that it asks for, under their numbers and our ids."""
        if self._answer is None:
            return {}
        said: Data = {f"answer.{self.call.attempt}": self._answer.text}
        if not isinstance(found, ToolsAsked):
            return said
        first = len(self._run.case.tool_uses) + 1
        asked = {f"call.{number}": replace(call, id=call_id(number)) for number, call in enumerate(found.calls, first)}
        thought = {f"thought.{self.call.attempt}": self._answer.thought}
        self._run.memory.update(thought)  # also an empty one, so that nobody looks for it
        return {**said, **asked, **(thought if self._answer.thought else {})}

    def _event(self, found: Found) -> ModelCallFinished:
        """What the call came to; an unknown price or an unknown usage is an unknown cost."""
        call, answer = self.call, self._answer
        failure = found if isinstance(found, ProviderFailed) else None
        usage = (failure.usage if failure else answer.usage if answer else None) or Usage()
        cost = call.terms.price.cost(usage) if call.terms.price else None
        return ModelCallFinished(
            target=call.index,
            attempt=call.attempt,
            error=failure.kind if failure else "",
            retryable=failure.retryable if failure else False,
            retry_after=_microseconds(failure.retry_after) if failure else None,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cached_input_tokens=usage.cached_input_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            reasoning_tokens=usage.reasoning_tokens,
            audio_input_tokens=usage.audio_input_tokens,
            audio_output_tokens=usage.audio_output_tokens,
            cost=cost.nanos if cost else None,
            currency=cost.currency if cost else "",
            response_model=answer.model if answer else "",
            finish_reason=answer.finish_reason if answer else "",
            repaired=isinstance(found, Usable) and found.repaired,
            duration=self._duration,
            tool_calls=len(found.calls) if isinstance(found, ToolsAsked) else 0,
        )


async def call_model(call: ModelCall) -> Found | Withheld:
    """A call of a model, from the gates to the event that says how it ended."""
    try:
        if withheld := await call.begin():
            return withheld
        await call.ask()
        return call.end()
    finally:
        await call.leave()


SENT = "sent"
"""Where the memory of a run keeps the messages that were sent last; no content is called so."""


def _prompt(attempt: int) -> str:
    """What the messages of an attempt are called that are not those of the attempt before."""
    return "prompt" if attempt == 1 else f"prompt.{attempt}"


async def _asked(run: Run, call: Call) -> Answer | ProviderFailed:
    """The answer, or why there is none."""
    request, target, provider = call.request, call.target, run.installed.providers[call.index]
    listener, pace, name = run.parts.listeners.of(call.case_id), None, target.name
    try:
        async with asyncio.timeout(request.timeout + 0.5) as limit:
            hear = listener.attempt() if listener and listener.eager else None
            if target.first_token_seconds or target.between_tokens_seconds:
                pace = Pace(target, limit, hear)
                hear = pace.heard
            return await provider.generate(request, hear)
    except ProviderFailed as failure:
        return failure
    except TimeoutError:
        detail = (pace and pace.late) or f"silent for {request.timeout:.1f} s"
        return ProviderFailed(kind="timeout", retryable=True, provider=name, detail=detail)
    except Exception as error:  # noqa: BLE001  whatever a provider raises is its failure
        return ProviderFailed(kind="malformed", retryable=False, provider=name, detail=type(error).__name__)
    finally:
        if pace:
            pace.over()


def _cancelled(call: Call) -> ProviderFailed:
    provider = call.target.name
    return ProviderFailed(kind="cancelled", retryable=False, provider=provider, detail="another answer was quicker")


def _microseconds(seconds: float | None) -> int | None:
    """A wait that a service asks for; None for one that is no number."""
    if seconds is None or math.isnan(seconds):
        return None
    return int(min(max(seconds, 0.0), LONGEST_WAIT) * 1e6)
