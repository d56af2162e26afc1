"""Was a question answered before that means the same, in the same surroundings?"""

import asyncio

from leitstand.domain.caching import Semantic
from leitstand.domain.reuse import Asker, Meaning, Reusable, Surroundings, scope_of
from leitstand.language.same_question import conflict
from leitstand.ports import Embedder
from leitstand.runtime.gates import Call
from leitstand.runtime.prepare import prepared
from leitstand.runtime.run_case import Run

MEANING = "meaning"
"""Where the memory of a run keeps what its question means until there is a draft; no content is called so."""


async def surroundings(run: Run, call: Call, asker: Asker) -> bytes:
    """The digest of all that must be the same around two questions, besides their words."""
    given = dict((await prepared(run)).input)
    given.pop(run.installed.workflow.input.text, None)
    grounding = call.request.grounding
    around = Surroundings(
        release_digest=run.installed.digest,
        language=grounding.language,
        given=given,
        passages=tuple(passage.id for passage in grounding.passages),
    )
    return scope_of(asker, call.target, around)


async def meaning_of(embedder: Embedder, question: str) -> Meaning:
    """What a question means."""
    from leitstand.vectors import packed  # brings NumPy

    (vector,) = await asyncio.to_thread(embedder.embed, [question], query=True)
    return Meaning(text=question, vector=packed(vector))


async def nearest(
    run: Run, call: Call, scope: bytes, meaning: Meaning, wanted: Semantic
) -> tuple[Reusable, str] | None:
    """The answer to the question that is most like this one, and how alike they are; None when none is enough."""
    known = await run.parts.answers.meanings(call.tenant_id, scope, at=run.parts.clock())
    if not known:
        return None
    return await asyncio.to_thread(_best, known, meaning, call.request.grounding.language, wanted.threshold)


def _best(
    known: tuple[tuple[Reusable, Meaning], ...], meaning: Meaning, language: str, threshold: float
) -> tuple[Reusable, str] | None:
    from leitstand.vectors import likeness, unpacked

    found = likeness(unpacked(meaning.vector), [each.vector for _, each in known])
    for place in found.argsort()[::-1]:
        if found[place] < threshold:
            return None
        answer, other = known[place]
        if not conflict(meaning.text, other.text, language):
            return answer, f"{found[place]:.4f}"
    return None
