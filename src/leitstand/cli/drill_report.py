"""How does the report of a drill get into the database that the workflow is registered in?"""

from typing import TYPE_CHECKING

from leitstand.cli.owner import do
from leitstand.domain.errors import LeitstandError
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
    await do(
        settings,
        {
            "do": "report.add",
            "workflow": done.workflow,
            "digest": done.release_digest,
            "kind": "drill",
            "at": done.at,
            "body": as_json(done),
        },
    )
    return True
