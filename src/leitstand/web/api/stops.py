"""/v1/stops: what is stopped, who stops it, and which two people let it go on?"""

from typing import Annotated, Literal, TypeVar

import msgspec
from starlette.requests import Request

from leitstand.domain.errors import Phrase, RequestMalformed, translatable
from leitstand.domain.stop import LONGEST_REASON, Scope, Stop
from leitstand.runtime.stop import Wanted, confirm_restart, propose_restart, stop
from leitstand.web.replies import JsonReply
from leitstand.web.requests import headers_of, known_keys, parameters, read_object
from leitstand.web.serving import Serving
from leitstand.web.sign_in import acting_person
from leitstand.web.speech import machine_time

MOST = 100

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_REASON, pattern=r"\S")]


class StopRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be stopped and why; ``subject`` is a case id or number, or a workflow.

    ``person`` names the local user who says so when neither header nor cookie does.
    """

    scope: Literal["case", "workflow", "tenant", "all"]
    reason: Reason
    subject: str = ""
    person: str = ""


class RestartRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without ``token`` a proposal, with it the confirmation by another person."""

    token: str = ""
    person: str = ""


class StopJson(msgspec.Struct, frozen=True, kw_only=True):
    """A stop; times are RFC 3339, people are pseudonymous ids, null stands for what has not happened."""

    id: str
    scope: str
    subject: str
    reason: str
    stopped_by: str
    stopped_at: str
    proposed_by: str | None
    proposed_at: str | None
    restarted_by: str | None
    restarted_at: str | None


class StopList(msgspec.Struct, frozen=True, kw_only=True):
    """The newest stops, those that are over included."""

    stops: tuple[StopJson, ...]


class RestartJson(msgspec.Struct, frozen=True, kw_only=True):
    """A stop that goes on, or the proposal: then ``token`` is for the person who confirms it, and is shown once."""

    stop: StopJson
    token: str | None


async def list_stops(request: Request) -> JsonReply:
    """The newest stops."""
    serving: Serving = request.app.state.leitstand
    parameters(request.scope, ())
    stops = await serving.parts.stops.store.newest(serving.tenant_id, MOST)
    return JsonReply(status=200, body=StopList(stops=tuple(stop_json(found) for found in stops)))


async def begin_stop(request: Request) -> JsonReply:
    """Stop something; 201 with the stop, which is in force by then."""
    serving: Serving = request.app.state.leitstand
    given = await _read(request, StopRequest)
    person = await acting_person(serving, headers_of(request.scope), given.person)
    wanted = Wanted(tenant_id=serving.tenant_id, scope=Scope(given.scope), subject=given.subject, reason=given.reason)
    return JsonReply(status=201, body=stop_json(await stop(serving.parts, wanted, person)))


async def restart(request: Request) -> JsonReply:
    """Propose the restart, or confirm it with the token; 403 for the one who proposed it."""
    serving: Serving = request.app.state.leitstand
    given = await _read(request, RestartRequest)
    person = await acting_person(serving, headers_of(request.scope), given.person)
    stop_id, token = request.path_params["stop_id"], None
    if given.token:
        found = await confirm_restart(serving.parts, stop_id, person, given.token)
    else:
        found, token = await propose_restart(serving.parts, stop_id, person)
    return JsonReply(status=200, body=RestartJson(stop=stop_json(found), token=token))


def stop_json(found: Stop) -> StopJson:
    """A stop as the API shows it."""
    return StopJson(
        id=found.stop_id,
        scope=found.scope.value,
        subject=found.tenant_id if found.scope is Scope.TENANT else found.subject,
        reason=found.reason,
        stopped_by=found.stopped_by,
        stopped_at=machine_time(found.stopped_at),
        proposed_by=found.proposed_by or None,
        proposed_at=_time(found.proposed_at),
        restarted_by=found.restarted_by or None,
        restarted_at=_time(found.restarted_at),
    )


def _time(at: int | None) -> str | None:
    return None if at is None else machine_time(at)


Asked = TypeVar("Asked", StopRequest, RestartRequest)


async def _read(request: Request, kind: type[Asked]) -> Asked:
    serving: Serving = request.app.state.leitstand
    parameters(request.scope, ())
    body = await read_object(request.receive, headers_of(request.scope), serving.settings.max_body_bytes)
    known_keys(body, kind.__struct_fields__)
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise RequestMalformed(
            detail=Phrase(translatable("the body is not valid ({reason})"), reason=str(error)),
            expected=Phrase(translatable("a body as the OpenAPI document describes it")),
        ) from None
