"""How is a model asked once: let through by the gates, its intent durable, its answer read, its end noted?"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.event import ModelCallFinished, ModelCallIntended, ModelCallWithheld
from leitstand.domain.message import Answer
from leitstand.domain.price import Usage
from leitstand.ports import Data
from leitstand.runtime.gates import Call, Passing, Withheld
from leitstand.runtime.run_case import Run


@dataclass(frozen=True, kw_only=True, slots=True)
class Usable:
    """An answer that is a draft: the parsed output, and whether its text had to be repaired."""

    output: Data
    repaired: bool


Read = Callable[[Answer], Usable | ProviderFailed]
"""What is in an answer: success is a validated payload, not a status code."""


async def call_model(run: Run, call: Call, read: Read) -> Usable | ProviderFailed | Withheld:
    """One call of a model, from the gates to the event that says how it ended; every call of the house goes here."""
    passing = Passing(run.parts.gates, call)
    try:
        if withheld := await passing.enter():
            target = call.target
            event = ModelCallWithheld(
                target=call.index, provider=target.provider, model=target.model, reason=withheld.reason
            )
            run.journal.note(event)
            return withheld
        await _announce(run, call)
        began = run.parts.clock()
        answer = await _ask(run, call)
        found = read(answer) if isinstance(answer, Answer) else answer
        if isinstance(found, ProviderFailed) and isinstance(answer, Answer):
            found.usage = answer.usage
        duration = run.parts.clock() - began
        passing.heard(found if isinstance(found, ProviderFailed) else answer, duration)
        _note_end(run, call, (answer, found), duration)
        return found
    finally:
        await passing.leave()


async def _announce(run: Run, call: Call) -> None:
    """Make the intent durable before the first byte leaves."""
    target = call.target
    intent = ModelCallIntended(target=call.index, provider=target.provider, model=target.model, attempt=call.attempt)
    run.journal.note(intent, {} if call.attempt > 1 else {"prompt": call.request.messages})
    await run.journal.save()


async def _ask(run: Run, call: Call) -> Answer | ProviderFailed:
    """The answer, or why there is none; whatever a provider raises counts as its failure, and so does its silence."""
    request, provider = call.request, call.target.model or call.target.provider
    listener = run.parts.listeners.of(run.case.case_id)
    try:
        async with asyncio.timeout(request.timeout + 0.5):
            on_delta = listener.attempt() if listener and listener.eager else None
            return await run.installed.providers[call.index].generate(request, on_delta)
    except ProviderFailed as failure:
        return failure
    except TimeoutError:
        detail = f"silent for {request.timeout:.1f} s"
        return ProviderFailed(kind="timeout", retryable=True, provider=provider, detail=detail)
    except Exception as error:  # noqa: BLE001  whatever a provider raises is its failure
        return ProviderFailed(kind="malformed", retryable=False, provider=provider, detail=type(error).__name__)


def _note_end(
    run: Run, call: Call, came: tuple[Answer | ProviderFailed, Usable | ProviderFailed], duration: int
) -> None:
    """What the call came to; an unknown price or an unknown usage is an unknown cost."""
    answer, found = came
    failure = found if isinstance(found, ProviderFailed) else None
    usage = (failure.usage if failure else answer.usage) or Usage()
    price = call.target.price or run.installed.providers[call.index].price
    cost = price.cost(usage) if price else None
    event = ModelCallFinished(
        target=call.index,
        attempt=call.attempt,
        error=failure.kind if failure else "",
        retryable=failure.retryable if failure else False,
        retry_after=int(failure.retry_after * 1e6) if failure and failure.retry_after is not None else None,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_input_tokens=usage.cached_input_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        audio_input_tokens=usage.audio_input_tokens,
        audio_output_tokens=usage.audio_output_tokens,
        cost=cost.nanos if cost else None,
        currency=cost.currency if cost else "",
        response_model=answer.model if isinstance(answer, Answer) else "",
        finish_reason=answer.finish_reason if isinstance(answer, Answer) else "",
        repaired=isinstance(found, Usable) and found.repaired,
        duration=duration,
    )
    if listener := run.parts.listeners.of(run.case.case_id):
        listener.answered(event)
    run.journal.note(event, {f"answer.{call.attempt}": answer.text} if isinstance(answer, Answer) else {})
