"""Which rows does an export consist of?"""

from collections.abc import AsyncIterator

from leitstand.assembly import reading
from leitstand.domain.case import CaseSummary
from leitstand.encoding import plain
from leitstand.ports import CaseFilter
from leitstand.settings import Settings

PAGE = 500
CONTENTS = ("input", "draft", "output")
FIELDS = (
    "case_id", "workflow", "release_digest", "status", "language", "outcome", "reasons", "decision", "fallback",
    "cost", "currency", "accepted_at", "answered_at", "due_at", "ended_at", "seconds_shown",
)  # fmt: skip


async def exported(settings: Settings, workflow: str | None, *, content: bool) -> AsyncIterator[dict[str, object]]:
    """One row a case, page by page, so that memory stays flat."""
    async with reading(settings) as stores:
        before: str | None = None
        while page := await stores.cases.find(
            settings.tenant_id, CaseFilter(workflow=workflow, before=before, limit=PAGE)
        ):
            for summary in page:
                row = _row(summary)
                if content:
                    stored = await stores.cases.contents(settings.tenant_id, summary.case.case_id, CONTENTS)
                    row |= {name: plain(stored[name]) if name in stored else None for name in CONTENTS}
                yield row
            before = page[-1].case.case_id


def _row(summary: CaseSummary) -> dict[str, object]:
    return {"number": summary.number, **{name: getattr(summary.case, name) for name in FIELDS}}
