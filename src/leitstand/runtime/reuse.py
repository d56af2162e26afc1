"""Is there an answer already, so that no model has to be asked?"""

import logging
from collections.abc import Awaitable, Callable

from leitstand.domain.errors import StoreUnusable
from leitstand.domain.event import ModelCallReused
from leitstand.domain.message import Answer
from leitstand.domain.price import Usage
from leitstand.domain.reuse import Asker, Found, Reusable, request_key
from leitstand.runtime.alike import MEANING, meaning_of, nearest, surroundings
from leitstand.runtime.flights import Reuse
from leitstand.runtime.gates import Call
from leitstand.runtime.model_call import ModelCall, Usable
from leitstand.runtime.run_case import Run

_log = logging.getLogger(__name__)


Make = Callable[[], ModelCall]
Ask = Callable[[ModelCall], Awaitable[ModelCall]]
"""Asks a model, perhaps a second one beside it; the call that counts."""


async def asked(run: Run, make: Make, ask: Ask) -> ModelCall:
    """The call that ``make`` makes, answered by what is there already, else the one that counts of those asked.

    A call that offers tools is never answered from memory: what the tools did once they would not have done again.
    """
    first = make()
    if not run.installed.workflow.draft.cache.exact or first.call.request.tools:
        return await ask(first)
    call = first.call
    asker = Asker(tenant_id=call.tenant_id, workflow=call.workflow, data_class=call.data_class, purpose=call.purpose)
    key = request_key(asker, call.target, call.request)
    if run.parts.flights.waits(key):
        shared = await run.parts.flights.join(key, call.request.timeout)
        first = make()  # time went by
        if shared and _again(run, first, shared):
            return first
    with run.parts.flights.lead(key) as land:
        remembered = await _remembered(run, first.call, key) or await _alike(run, first.call, asker)
        if remembered and _again(run, first, remembered):
            land(remembered)
            return first
        counts = await ask(first)
        if counts is first and (found := _worth_keeping(run, first, key)):
            land(Reuse(found=found, how="shared"))
            await _keep(run, found)
        return counts


async def _alike(run: Run, call: Call, asker: Asker) -> Reuse | None:
    """The answer to a question that means the same, where the workflow wants that."""
    wanted, embedder = run.installed.workflow.draft.cache.semantic, run.installed.questions
    if not (wanted and embedder):
        return None
    scope = await surroundings(run, call, asker)
    meaning = await meaning_of(embedder, call.request.grounding.question)
    run.memory[MEANING] = (call.attempt, scope, meaning)
    try:
        near = await nearest(run, call, scope, meaning, wanted)
        found = await run.parts.answers.take(call.tenant_id, near[0], at=run.parts.clock()) if near else None
    except StoreUnusable as error:
        _log.warning("no answer is remembered: %s", error)
        return None
    return Reuse(found=found, how="semantic", similarity=near[1]) if near and found else None


async def _remembered(run: Run, call: Call, key: bytes) -> Reuse | None:
    try:
        found = await run.parts.answers.find(call.tenant_id, key, at=run.parts.clock())
    except StoreUnusable as error:
        _log.warning("no answer is remembered: %s", error)
        return None
    return Reuse(found=found, how="exact") if found else None


def _again(run: Run, first: ModelCall, reuse: Reuse) -> bool:
    """Read the answer as if a model had just given it, and note its event; False when it does not fit any more."""
    call, entry = first.call, reuse.found.answer
    answer = Answer(text=reuse.found.text, usage=Usage(), model=entry.model, finish_reason=entry.finish_reason)
    usable = first.read(answer)
    if not isinstance(usable, Usable):
        return False
    first.found = usable
    if (listener := run.parts.listeners.of(call.case_id)) and listener.eager:
        listener.attempt()(answer.text)
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
    run.journal.note(event, {f"answer.{call.attempt}": answer.text})
    return True


def _worth_keeping(run: Run, first: ModelCall, key: bytes) -> Found | None:
    """What others may be given of a call: a usable answer that is whole."""
    call, usable = first.call, first.found
    if not isinstance(usable, Usable) or usable.answer.finish_reason != "stop":
        return None
    answer, now = usable.answer, run.parts.clock()
    entry = Reusable(
        tenant_id=call.tenant_id,
        workflow=call.workflow,
        key=key,
        scope=_scope(run),
        case_id=call.case_id,
        number=call.attempt,
        model=answer.model,
        finish_reason=answer.finish_reason,
        made_at=now,
        expires_at=now + run.installed.workflow.draft.cache.minutes * 60_000_000,
    )
    return Found(answer=entry, text=answer.text)


def _scope(run: Run) -> bytes | None:
    kept = run.memory.get(MEANING)
    return kept[1] if isinstance(kept, tuple) else None


def meant(run: Run, attempt: int) -> dict[str, object]:
    """What the question of a call means, as a content of its case; nothing unless the workflow wants that."""
    kept = run.memory.pop(MEANING, None)
    return {f"meaning.{attempt}": kept[2]} if isinstance(kept, tuple) and kept[0] == attempt else {}


async def _keep(run: Run, found: Found) -> None:
    """Remember the answer; a case does not fail because its answer serves nobody else."""
    try:
        await run.parts.answers.keep(found.answer, most=run.installed.workflow.draft.cache.entries)
    except StoreUnusable as error:
        _log.warning("an answer is not remembered: %s", error)
