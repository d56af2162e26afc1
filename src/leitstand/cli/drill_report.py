"""How does the report of a drill get into the database that the workflow is registered in?"""

from dataclasses import asdict
from typing import TYPE_CHECKING

from leitstand.cli.owner import do
from leitstand.domain.errors import LeitstandError
from leitstand.domain.report import Report
from leitstand.encoding import canonical
from leitstand.settings import Settings

if TYPE_CHECKING:
    from leitstand.drill.report import Drill


async def keep(done: "Drill", settings: Settings) -> bool:
    """Keep the report where the workflow has a release; False where there is no database, or none of its releases."""
    from leitstand.assembly import reading
    from leitstand.drill.report import as_json

    if not settings.database_url and not settings.database.exists():
        return False
    try:
        async with reading(settings) as stores:
            known = {row.workflow for row in await stores.releases.rows(settings.tenant_id)}
    except LeitstandError:
        return False
    if done.workflow not in known:
        return False
    report = Report(
        tenant_id=settings.tenant_id,
        workflow=done.workflow,
        release_digest=done.release_digest,
        kind="drill",
        at=done.at,
        body=canonical(as_json(done)),
    )
    await do(settings, {"do": "report.add", **asdict(report), "body": report.body.decode()})
    return True
