"""GET /v1/workflows, /openapi.json, /health and /metrics: what is served here, and is it in a state to serve?"""

from starlette.requests import Request

from leitstand.web.api.openapi import openapi_document
from leitstand.web.api.workflow_json import WorkflowList, workflow_json
from leitstand.web.health import TextReply, answer_live, answer_metrics, answer_ready
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
    """200 as long as the process answers at all and its worker does not hang."""
    parameters(request.scope, ())
    return await answer_live(request.app.state.leitstand)


async def is_ready(request: Request) -> JsonReply:
    """200 when requests are welcome; 503 as a problem while stopping, and without database or workflows."""
    parameters(request.scope, ())
    return await answer_ready(request.app.state.leitstand)


async def read_metrics(request: Request) -> TextReply:
    """All numbers of this process as text for Prometheus."""
    parameters(request.scope, ())
    return await answer_metrics(request.app.state.leitstand)
