"""Is there an answer already, so that no model has to be asked?"""

import asyncio
import logging
from dataclasses import dataclass, replace

from leitstand.domain.caching import Cache
from leitstand.domain.errors import ProviderFailed, StoreUnusable
from leitstand.domain.event import ModelCallReused
from leitstand.domain.message import Answer, Usage
from leitstand.domain.reuse import Asker, Found, Reusable, request_key
from leitstand.runtime.flights import Reuse
from leitstand.runtime.gates import Call, Withheld
from leitstand.runtime.model_call import Read, Usable, call_model
from leitstand.runtime.run_case import Run

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One call that may be answered from memory: what answers it, and how an answer is read."""

    run: Run
    call: Call
    read: Read
    key: bytes


async def asked(run: Run, call: Call, read: Read) -> Usable | ProviderFailed | Withheld:
    """What there is already for the call, else what a model says to it.

    A call that offers tools is never answered from memory: what the tools did once they would not have done again.
    """
    cache = run.installed.workflow.draft.cache
    if not cache.exact or call.request.tools:
        return await call_model(run, call, read)
    asker = Asker(tenant_id=call.tenant_id, workflow=call.workflow, data_class=call.data_class, purpose=call.purpose)
    key = request_key(asker, call.target, call.request)
    began = asyncio.get_running_loop().time()
    shared = await run.parts.flights.join(key, call.request.timeout)
    left = max(0.001, call.request.timeout - (asyncio.get_running_loop().time() - began))
    call = replace(call, request=replace(call.request, timeout=left))
    question = Question(run=run, call=call, read=read, key=key)
    if shared and (usable := _again(question, shared)):
        return usable
    return await _led(question, cache)


async def _led(question: Question, cache: Cache) -> Usable | ProviderFailed | Withheld:
    """The answer from memory or from a model, for everybody who waits for the same."""
    run, call = question.run, question.call
    with run.parts.flights.lead(question.key) as land:
        remembered = await _remembered(question)
        if remembered and (usable := _again(question, remembered)):
            land(remembered)
            return usable
        came = await call_model(run, call, question.read)
        if isinstance(came, Usable) and came.answer.finish_reason == "stop":
            found = _found(question, came.answer, cache)
            land(Reuse(found=found, how="shared"))
            await _keep(question, found, cache)
        return came


async def _remembered(question: Question) -> Reuse | None:
    parts, call = question.run.parts, question.call
    try:
        found = await parts.answers.find(call.tenant_id, question.key, at=parts.clock())
    except StoreUnusable as error:
        _log.warning("no answer is remembered: %s", error)
        return None
    return Reuse(found=found, how="exact") if found else None


def _again(question: Question, reuse: Reuse) -> Usable | None:
    """The answer read as if a model had just given it, with its event; None when it does not fit any more."""
    run, call, entry = question.run, question.call, reuse.found.answer
    answer = Answer(text=reuse.found.text, usage=Usage(), model=entry.model, finish_reason=entry.finish_reason)
    usable = question.read(answer)
    if not isinstance(usable, Usable):
        return None
    event = ModelCallReused(
        target=call.index,
        provider=call.target.provider,
        model=call.target.model,
        how=reuse.how,
        source_case=entry.case_id,
        response_model=entry.model,
        finish_reason=entry.finish_reason,
        similarity=reuse.similarity,
        age=max(0, run.parts.clock() - entry.made_at),
    )
    if (listener := run.parts.listeners.of(run.case.case_id)) and listener.eager:
        listener.attempt()(answer.text)
    run.journal.note(event, {f"answer.{call.attempt}": answer.text})
    return usable


def _found(question: Question, answer: Answer, cache: Cache) -> Found:
    call, now = question.call, question.run.parts.clock()
    entry = Reusable(
        tenant_id=call.tenant_id,
        workflow=call.workflow,
        key=question.key,
        scope=None,
        case_id=call.case_id,
        number=call.attempt,
        model=answer.model,
        finish_reason=answer.finish_reason,
        made_at=now,
        expires_at=now + cache.minutes * 60_000_000,
    )
    return Found(answer=entry, text=answer.text)


async def _keep(question: Question, found: Found, cache: Cache) -> None:
    """Remember the answer; a case does not fail because its answer serves nobody else."""
    try:
        await question.run.parts.answers.keep(found.answer, most=cache.entries)
    except StoreUnusable as error:
        _log.warning("an answer is not remembered: %s", error)
