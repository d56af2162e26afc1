"""GET /v1/models: which workflows can a chat completion name?"""

import msgspec
from starlette.requests import Request

from leitstand.domain.release import ReleaseRow
from leitstand.web.replies import JsonReply
from leitstand.web.requests import parameters
from leitstand.web.serving import Serving

PATH = "/v1/models"


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """An active workflow as a model; ``created`` is when its release was added, in seconds since 1970."""

    id: str
    created: int
    owned_by: str
    object: str = "model"


class ModelList(msgspec.Struct, frozen=True, kw_only=True):
    """The active workflows as models, by name."""

    data: tuple[Model, ...]
    object: str = "list"


async def list_models(request: Request) -> JsonReply:
    """The active workflows."""
    serving: Serving = request.app.state.leitstand
    parameters(request.scope, ())
    rows = {row.digest: row for row in await serving.parts.releases.rows(serving.tenant_id)}
    active = serving.parts.installations.all_active(serving.tenant_id)
    return JsonReply(status=200, body=ModelList(data=tuple(_model(rows[installed.digest]) for installed in active)))


async def read_model(request: Request) -> JsonReply:
    """One active workflow."""
    serving: Serving = request.app.state.leitstand
    parameters(request.scope, ())
    installed = serving.parts.installations.active(serving.tenant_id, request.path_params["model"])
    rows = await serving.parts.releases.rows(serving.tenant_id)
    return JsonReply(status=200, body=_model(next(row for row in rows if row.digest == installed.digest)))


def _model(row: ReleaseRow) -> Model:
    return Model(id=row.workflow, created=row.added_at // 1_000_000, owned_by="leitstand")
