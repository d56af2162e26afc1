"""GET /v1/workflows, /openapi.json and /health: what is served here, and is it in a state to serve?"""

from starlette.requests import Request

from leitstand import __version__
from leitstand.web.api.openapi import openapi_document
from leitstand.web.api.workflow_json import Health, WorkflowList, workflow_json
from leitstand.web.problems import Stopping
from leitstand.web.replies import JsonReply
from leitstand.web.requests import parameters
from leitstand.web.serving import Serving


async def list_workflows(request: Request) -> JsonReply:
    """The active workflows."""
    serving: Serving = request.app.state.leitstand
    parameters(request.scope, ())
    active = serving.parts.installations.all_active(serving.tenant_id)
    return JsonReply(status=200, body=WorkflowList(workflows=tuple(workflow_json(installed) for installed in active)))


async def read_openapi(request: Request) -> JsonReply:
    """The OpenAPI document of what is active right now."""
    serving: Serving = request.app.state.leitstand
    parameters(request.scope, ())
    return JsonReply(status=200, body=openapi_document(serving.parts.installations.all_active(serving.tenant_id)))


async def is_alive(request: Request) -> JsonReply:
    """200 as long as the process answers at all."""
    return _health(request, "alive")


async def is_ready(request: Request) -> JsonReply:
    """200 when the database answers; 503 as a problem when it does not, or when this process is about to stop."""
    serving: Serving = request.app.state.leitstand
    if serving.worker.draining:
        raise Stopping(retry_after=1)
    await serving.parts.releases.pointers()
    return _health(request, "ready")


def _health(request: Request, status: str) -> JsonReply:
    parameters(request.scope, ())
    running = request.app.state.leitstand.worker.running
    return JsonReply(status=200, body=Health(status=status, version=__version__, running=running))
