"""How do the API and the pages become one ASGI application?"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from starlette.datastructures import State
from starlette.requests import Request
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leitstand.domain.errors import Denied, LeitstandError, Phrase, translatable
from leitstand.logs import speak_of
from leitstand.runtime.parts import Parts
from leitstand.runtime.worker import Worker
from leitstand.settings import Settings
from leitstand.web import pages
from leitstand.web.api.cases import list_cases, read_case, read_events
from leitstand.web.api.decisions import decide
from leitstand.web.api.open_case import PATH, answer_open_case
from leitstand.web.api.openai import chat, models
from leitstand.web.api.openai.errors import PREFIXES, openai_reply
from leitstand.web.api.stops import begin_stop, list_stops, restart
from leitstand.web.api.workflows import is_alive, is_ready, list_workflows, read_metrics, read_openapi
from leitstand.web.pages import failures
from leitstand.web.problems import AddressUnknown, kind_of, known_error, new_occurrence, problem_of, reply_with
from leitstand.web.replies import JsonReply
from leitstand.web.requests import ClientGone, bounded, check_announced, check_busy, headers_of
from leitstand.web.security import check_caller, with_page_headers
from leitstand.web.serving import Serving
from leitstand.web.translate import choose_language

CLIENT_GONE = 499
"""Counted as the status of a request whose client went away before there was one."""

API_PREFIXES = ("/v1/", "/health/", "/metrics", "/openapi.json")
"""Below these an error is a problem of RFC 9457, whatever the caller accepts."""


def build_app(parts: Parts, worker: Worker, settings: Settings) -> ASGIApp:
    """The application over the parts of this process; it neither starts nor stops them."""
    serving = Serving(parts=parts, worker=worker, settings=settings, tenant_id=settings.tenant_id)
    return Application(serving, pages.routes())


def api_routes() -> list[Route]:
    """The addresses of the API; the first is the hottest and is normally answered before these are looked at."""
    return [
        Route("/v1/workflows/{name}/cases", _open_case, methods=["POST"]),
        Route("/v1/workflows", list_workflows),
        Route("/v1/cases", list_cases),
        Route("/v1/cases/{case_id}", read_case),
        Route("/v1/cases/{case_id}/events", read_events),
        Route("/v1/cases/{case_id}/decision", decide, methods=["POST"]),
        Route("/v1/stops", list_stops, methods=["GET"]),
        Route("/v1/stops", begin_stop, methods=["POST"]),
        Route("/v1/stops/{stop_id}/restart", restart, methods=["POST"]),
        Route("/openapi.json", read_openapi),
        Route(chat.PATH, _chat, methods=["POST"]),
        Route(models.PATH, models.list_models),
        Route(f"{models.PATH}/{{model}}", models.read_model),
        Route("/health/live", is_alive),
        Route("/health/ready", is_ready),
        Route("/metrics", read_metrics),
    ]


class Tenant:
    """What Starlette hands to the handlers of one tenant's requests as their ``app``."""

    def __init__(self, serving: Serving) -> None:
        self.state = State({"leitstand": serving})


class Application:
    """Checks who calls, routes, turns every error into an answer; handlers work with ``state.leitstand``."""

    def __init__(self, serving: Serving, page_routes: Sequence[BaseRoute]) -> None:
        self._tenants = {name: Tenant(replace(serving, tenant_id=name)) for name in serving.settings.tenant_ids}
        self._serving = serving
        self._answering = 0
        self._routed = with_page_headers(
            Router([*api_routes(), *page_routes], redirect_slashes=False, default=_nothing)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a socket is closed, as there are none here."""
        if scope["type"] == "lifespan":
            await Router()(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            began, status, code = time.perf_counter(), 500, LeitstandError.code
            try:
                status, code = await self._answer(scope, receive, send)
            finally:
                seconds = time.perf_counter() - began
                self._serving.parts.watch.tally.answered(_handler_of(scope), status, code, seconds)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> tuple[int, str]:
        """The status of the answer and the code of the error in it, empty when there was none."""
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        occurrence = new_occurrence()
        speak_of(occurrence=occurrence)
        scope["app"] = self._tenants[self._serving.tenant_id]
        scope.setdefault("state", {})["occurrence"] = occurrence
        self._answering += 1
        try:
            check_busy(self._answering, self._serving.settings.most_requests, scope["path"])
            fields = headers_of(scope)
            check_caller(scope["method"], fields)
            if b"leitstand-tenant" in fields:
                scope["app"] = self._tenant(fields[b"leitstand-tenant"].decode("latin-1"))
            if hot := await _hot_answer(scope, receive, fields):
                await hot(scope, receive, send)
                return hot.status, ""
            limit = self._serving.settings.max_body_bytes
            check_announced(fields, limit)
            await self._routed(scope, bounded(receive, limit), watched)
        except ClientGone:
            return CLIENT_GONE, ""
        except Exception as error:
            known = known_error(error, scope["path"], scope["method"], occurrence)
            if status:
                raise
            await _answer_to(known, scope)(scope, receive, send)
            return kind_of(known).status, known.code
        finally:
            self._answering -= 1
        return status, ""

    def _tenant(self, name: str) -> "Tenant":
        """What requests of a tenant work with; raises ``Denied`` for one that is not served here."""
        if name not in self._tenants:
            raise Denied(
                detail=Phrase(translatable("the tenant {tenant} is not served here"), tenant=repr(name[:80])),
                way_out=Phrase(translatable("Name one that LEITSTAND_TENANTS lists, or leave the header out.")),
            )
        return self._tenants[name]


async def _hot_answer(scope: Scope, receive: Receive, fields: Mapping[bytes, bytes]) -> chat.Reply | None:
    """The answer of the two hottest addresses, which are looked at before all others; None for every other."""
    if scope["method"] != "POST":
        return None
    serving: Serving = scope["app"].state.leitstand
    if scope["path"] == chat.PATH:
        scope["endpoint"] = _chat
        return await chat.answer_chat(serving, scope, receive, fields)
    if opening := PATH.fullmatch(scope["path"]):
        scope["endpoint"] = _open_case
        return await answer_open_case(serving, scope, receive, fields, opening[1])
    return None


def _handler_of(scope: Scope) -> str:
    """What answered, by the name of its function: there are few, however many addresses are asked for."""
    endpoint = scope.get("endpoint")
    return getattr(endpoint, "__name__", type(endpoint).__name__).strip("_") if endpoint else "none"


async def _open_case(request: Request) -> JsonReply:
    fields = headers_of(request.scope)
    name = request.path_params["name"]
    return await answer_open_case(request.app.state.leitstand, request.scope, request.receive, fields, name)


async def _chat(request: Request) -> ASGIApp:
    fields = headers_of(request.scope)
    return await chat.answer_chat(request.app.state.leitstand, request.scope, request.receive, fields)


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the signature of ASGI
    raise AddressUnknown(path=repr(scope["path"][:80]))


def _answer_to(known: LeitstandError, scope: Scope) -> ASGIApp:
    """A problem for the API, a page for a browser elsewhere."""
    path, occurrence = scope["path"], scope["state"]["occurrence"]
    accepted = headers_of(scope)
    if b"text/html" in accepted.get(b"accept", b"") and not path.startswith(API_PREFIXES):
        return with_page_headers(_failure_page(kind_of(known).status, occurrence))
    language = choose_language(None, accepted.get(b"accept-language", b"").decode("latin-1"))
    if path.startswith(PREFIXES):
        return openai_reply(known, language, occurrence)
    return reply_with(problem_of(known, language, occurrence), known)


def _failure_page(status: int, occurrence: str) -> ASGIApp:
    async def show(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        page = failures.broken_page(request, occurrence) if status == 500 else failures.status_page(request, status)
        await page(scope, receive, send)

    return show
