"""How does a case get its draft from a chain of models, within its deadline?"""

import asyncio
import random
from dataclasses import dataclass

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.event import CaseDrafted, DraftMissed, ModelCallFinished, ModelCallIntended
from leitstand.domain.message import CALL_OPTIONS, Answer, Grounding, Message, Request
from leitstand.domain.model_chain import Try, next_attempt
from leitstand.domain.price import Usage
from leitstand.domain.structured_output import ParsedOutput, parse_output
from leitstand.ports import Data
from leitstand.runtime.prepare import prepared
from leitstand.runtime.retrieve import passages
from leitstand.runtime.run_case import Run


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """What every attempt of a case shares: normalised input, messages, grounding, deadline in UTC microseconds."""

    given: Data
    messages: tuple[Message, ...]
    options: Data
    grounding: Grounding
    deadline: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Usable:
    """An answer that is a draft: the parsed output, and whether its text had to be repaired."""

    output: Data
    repaired: bool


async def draft(run: Run) -> None:
    """Ask one target after another until one gives an output that fits the schema, or none is left."""
    settings = run.installed.workflow.draft
    grounding, given = await grounding_of(run), (await prepared(run)).input
    assignment = Assignment(
        given=given,
        messages=run.installed.render(given, grounding.passages, grounding.language),
        options=_options(run, given),
        grounding=grounding,
        deadline=run.parts.clock() + int(settings.deadline_seconds * 1e6),
    )
    while True:
        left = assignment.deadline - run.parts.clock()
        choice = next_attempt(settings.chain, run.case.attempts, left, random.random())  # noqa: S311  a pause, no secret
        if not isinstance(choice, Try):
            run.journal.note(DraftMissed(reason=choice.reason))
            return
        if choice.pause:
            await asyncio.sleep(choice.pause / 1e6)
        if await _attempt(run, choice.target, assignment):
            return


async def grounding_of(run: Run) -> Grounding:
    """Question, language and passages of the case."""
    text = (await prepared(run)).text
    return Grounding(question=text, language=run.case.language, passages=await passages(run))


def _options(run: Run, given: Data) -> Data:
    """What the caller of a chat asks of the model beside the messages."""
    if not run.installed.workflow.input.messages:
        return {}
    return {name: given[name] for name in CALL_OPTIONS if name in given}


async def _attempt(run: Run, index: int, assignment: Assignment) -> bool:
    """One model call, its intent durable before it leaves; True when it gave the draft."""
    target, number = run.installed.workflow.draft.chain[index], len(run.case.attempts) + 1
    intent = ModelCallIntended(target=index, provider=target.provider, model=target.model, attempt=number)
    run.journal.note(intent, {} if number > 1 else {"prompt": assignment.messages})
    await run.journal.save()
    began = run.parts.clock()
    request = Request(
        model=target.model,
        messages=assignment.messages,
        schema=run.installed.output_schema if run.installed.workflow.draft.form == "json" else None,
        grounding=assignment.grounding,
        timeout=min(target.timeout_seconds, max(assignment.deadline - began, 1) / 1e6),
        key=f"{run.case.case_id}-{number}",
        options=assignment.options,
    )
    answer = await _ask(run, index, request)
    usable = _read(run, answer, assignment.given) if isinstance(answer, Answer) else answer
    call = _finished(run, index, answer, usable, run.parts.clock() - began)
    if listener := run.parts.listeners.of(run.case.case_id):
        listener.answered(call)
    run.journal.note(call, {f"answer.{number}": answer.text} if isinstance(answer, Answer) else {})
    if isinstance(usable, Usable):
        run.journal.note(CaseDrafted(target=index, fallback=index > 0), run.keep(draft=usable.output))
    return isinstance(usable, Usable)


async def _ask(run: Run, index: int, request: Request) -> Answer | ProviderFailed:
    """The answer, or why there is none; whatever a provider raises counts as its failure, and so does its silence."""
    provider = request.model or run.installed.workflow.draft.chain[index].provider
    listener = run.parts.listeners.of(run.case.case_id)
    try:
        async with asyncio.timeout(request.timeout + 0.5):
            on_delta = listener.attempt() if listener and listener.eager else None
            return await run.installed.providers[index].generate(request, on_delta)
    except ProviderFailed as failure:
        return failure
    except TimeoutError:
        return ProviderFailed(
            kind="timeout", retryable=True, provider=provider, detail=f"silent for {request.timeout:.1f} s"
        )
    except Exception as error:  # noqa: BLE001  whatever a provider raises is its failure
        return ProviderFailed(kind="malformed", retryable=False, provider=provider, detail=type(error).__name__)


def _read(run: Run, answer: Answer, given: Data) -> Usable | ProviderFailed:
    """The output in the answer: success is a validated payload, not a status code."""
    workflow = run.installed.workflow
    if answer.finish_reason == "length" and not workflow.input.messages:
        detail = "the answer was cut off at the token limit"
        return ProviderFailed(kind="truncated", retryable=False, provider=answer.model, detail=detail)
    if workflow.draft.form == "text":
        parsed = ParsedOutput(value={workflow.draft.text: answer.text})
    else:
        parsed = parse_output(answer.text)
    if parsed.value is None:
        return ProviderFailed(kind="malformed", retryable=True, provider=answer.model, detail=parsed.problem)
    if problems := run.installed.output_problems(parsed.value):
        return ProviderFailed(kind="malformed", retryable=True, provider=answer.model, detail=problems[0][1])
    postprocess = run.installed.hooks.postprocess
    return Usable(output=postprocess(parsed.value, given) if postprocess else parsed.value, repaired=parsed.repaired)


def _finished(
    run: Run, index: int, answer: Answer | ProviderFailed, usable: Usable | ProviderFailed, duration: int
) -> ModelCallFinished:
    """What the attempt came to; an unknown price or an unknown usage is an unknown cost."""
    failure = usable if isinstance(usable, ProviderFailed) else None
    usage = answer.usage if isinstance(answer, Answer) else Usage()
    price = run.installed.workflow.draft.chain[index].price or run.installed.providers[index].price
    cost = price.cost(usage) if price and isinstance(answer, Answer) else None
    return ModelCallFinished(
        target=index,
        attempt=len(run.case.attempts),
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
        repaired=isinstance(usable, Usable) and usable.repaired,
        duration=duration,
    )
