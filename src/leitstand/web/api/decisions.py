"""POST /v1/cases/{id}/decision: what does a person decide about a waiting case?"""

from typing import Any

import msgspec
from starlette.requests import Request

from leitstand.domain.errors import InputInvalid, Phrase, RequestMalformed, translatable
from leitstand.domain.event import Actor
from leitstand.domain.review import ReviewDecision, Verb
from leitstand.runtime.review import decide_review
from leitstand.web.api.lookup import find_case, rested, shown, waiting_time
from leitstand.web.api.open_case import rooted
from leitstand.web.replies import JsonReply
from leitstand.web.requests import headers_of, known_keys, read_object
from leitstand.web.serving import Serving
from leitstand.web.sign_in import acting_person


class Accept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="decision", tag="accept"):
    """Take the draft as it is.

    ``draft`` is the commitment of the draft that was seen; ``tool_calls`` are the numbers of the tool calls that wait
    with it, all of them; ``note`` is free text; ``person`` names the local user who decides when neither header nor
    cookie does.
    """

    draft: str
    tool_calls: tuple[int, ...] = ()
    note: str = ""
    person: str = ""


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="decision", tag="edit"):
    """Deliver ``output`` instead of the draft; ``reason`` may say why. ``draft`` is null where the case has none."""

    draft: str | None
    output: dict[str, Any]
    tool_calls: tuple[int, ...] = ()
    reason: str = ""
    note: str = ""
    person: str = ""


class Reject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="decision", tag="reject"):
    """Deliver nothing; ``reason`` is one of the workflow's reasons. ``draft`` is null where the case has none."""

    draft: str | None
    reason: str
    note: str = ""
    person: str = ""


Decision = Accept | Edit | Reject

_KEYS = ("decision", *Edit.__struct_fields__)


async def decide(request: Request) -> JsonReply:
    """Record a decision; 200 with the case as it goes on, 409 when the case has moved on since."""
    serving: Serving = request.app.state.leitstand
    fields = headers_of(request.scope)
    wait = waiting_time(request.scope)
    body = await read_object(request.receive, fields, serving.settings.max_body_bytes)
    given = _read(body)
    person = await acting_person(serving, fields, given.person)
    summary = await find_case(serving, request.path_params["case_id"])
    decision = ReviewDecision(
        verb=Verb(str(given.__struct_config__.tag)),
        draft_commitment=given.draft or "",
        output=given.output if isinstance(given, Edit) else None,
        reason="" if isinstance(given, Accept) else given.reason,
        note=given.note,
        tool_calls=() if isinstance(given, Reject) else given.tool_calls,
    )
    actor = Actor(kind="person", id=person.id)
    try:
        decided = await decide_review(serving.parts, serving.worker, summary, decision, actor)
    except InputInvalid as error:
        raise rooted(error, "/output") from None
    return JsonReply(status=200, body=await shown(serving, await rested(serving, decided, wait)))


def _read(body: dict[str, object]) -> Decision:
    known_keys(body, _KEYS)
    try:
        decision: Decision = msgspec.convert(body, Decision)
    except msgspec.ValidationError as error:
        raise RequestMalformed(
            detail=Phrase(translatable("the decision is not valid ({reason})"), reason=str(error)),
            expected=Phrase(translatable("a decision as the OpenAPI document describes it")),
        ) from None
    return decision
