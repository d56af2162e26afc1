"""Which passages of the sources belong to this case?"""

import asyncio

from leitstand.domain.event import CaseRetrieved, PassageUsed
from leitstand.domain.retrieval import Hit, Passage, Query
from leitstand.ports import Retriever
from leitstand.runtime.prepare import prepared
from leitstand.runtime.run_case import Run


async def retrieve(run: Run) -> None:
    """Search the pinned index for the text of the case and keep the passages in citation order."""
    retriever, settings = run.installed.retriever, run.installed.workflow.retrieval
    assert retriever is not None and settings is not None, "the step is taken only with sources"
    began = run.parts.clock()
    text = (await prepared(run)).text
    hits = await _search(retriever, Query(text=text, language=run.case.language, limit=settings.passages))
    used = tuple(PassageUsed(id=hit.passage.id, source=hit.passage.source, score=f"{hit.score:.6f}") for hit in hits)
    run.journal.note(
        CaseRetrieved(index_id=retriever.id, passages=used, duration=run.parts.clock() - began),
        run.keep(passages=[hit.passage for hit in hits]),
    )


async def _search(retriever: Retriever, query: Query) -> tuple[Hit, ...]:
    """On a thread, unless the retriever has ``is_quick`` and says that it would be done before the thread began."""
    is_quick = getattr(retriever, "is_quick", None)
    if is_quick and is_quick(query):
        return retriever.search(query)
    return await asyncio.to_thread(retriever.search, query)


async def passages(run: Run) -> tuple[Passage, ...]:
    """The passages of the case in citation order; none for a workflow without sources."""
    if run.installed.retriever is None:
        return ()
    stored = await run.content("passages") or []
    assert isinstance(stored, list)
    return tuple(item if isinstance(item, Passage) else Passage(**item) for item in stored)
