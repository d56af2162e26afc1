"""GET /v1/cases, /v1/cases/{id} and its events: what has become of the cases?"""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
from starlette.requests import Request

from leitstand.domain.case import Status
from leitstand.domain.errors import Phrase, RequestMalformed, translatable
from leitstand.encoding import encode_event
from leitstand.ports import CaseFilter
from leitstand.web.api.case_json import CaseList, case_json
from leitstand.web.api.lookup import find_case, is_id, rested, shown, waiting_time
from leitstand.web.replies import JsonReply
from leitstand.web.requests import parameters, single, whole_number
from leitstand.web.serving import Serving

FILTERS = ("before", "job", "limit", "since", "status", "workflow")
MOST_CASES = 200


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that happened to a case, in order: the events exactly as the journal keeps them."""

    id: str
    events: tuple[msgspec.Raw, ...]


async def read_case(request: Request) -> JsonReply:
    """One case; ``?wait=`` seconds waits until it has ended or waits for a person."""
    serving: Serving = request.app.state.leitstand
    wait = waiting_time(request.scope)
    summary = await find_case(serving, request.path_params["case_id"])
    return JsonReply(status=200, body=await shown(serving, await rested(serving, summary, wait)))


async def list_cases(request: Request) -> JsonReply:
    """Cases by filter, newest first."""
    serving: Serving = request.app.state.leitstand
    wanted = read_filter(request)
    found = await serving.parts.cases.find(serving.tenant_id, replace(wanted, limit=wanted.limit + 1))
    page = found[: wanted.limit]
    following = page[-1].case.case_id if len(found) > len(page) else None
    return JsonReply(status=200, body=CaseList(cases=tuple(case_json(summary) for summary in page), next=following))


async def read_events(request: Request) -> JsonReply:
    """The trail of one case."""
    serving: Serving = request.app.state.leitstand
    parameters(request.scope, ())
    summary = await find_case(serving, request.path_params["case_id"])
    journal = await serving.parts.cases.events(serving.tenant_id, summary.case.case_id)
    events = tuple(msgspec.Raw(encode_event(event)) for event in journal)
    return JsonReply(status=200, body=Trail(id=summary.case.case_id, events=events))


def read_filter(request: Request) -> CaseFilter:
    """The filter in the query parameters; raises ``RequestMalformed``."""
    found = parameters(request.scope, FILTERS)
    statuses = found.get("status", [])
    for status in statuses:
        if status not in list(Status):
            raise _wrong("status", status, Phrase(translatable("one of {known}"), known=", ".join(Status)))
    before = single(found, "before")
    if before is not None and not is_id(before):
        raise _wrong("before", before, Phrase(translatable("the value of next in the page before")))
    return CaseFilter(
        workflow=single(found, "workflow"),
        job=single(found, "job"),
        status=tuple(dict.fromkeys(statuses)),
        since=_micros(single(found, "since")),
        before=before,
        limit=whole_number(found, "limit", range(1, MOST_CASES + 1), 50),
    )


def _micros(text: str | None) -> int | None:
    """UTC microseconds of an RFC 3339 time."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None or "T" not in text.upper():
        example = "2026-11-21T08:00:00Z"
        raise _wrong(
            "since", text, Phrase(translatable("an RFC 3339 time with its offset, as {example}"), example=example)
        )
    passed = time - datetime(1970, 1, 1, tzinfo=UTC)
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def _wrong(name: str, value: str, expected: Phrase) -> RequestMalformed:
    detail = Phrase(translatable("the query parameter {name} is {value}"), name=name, value=repr(value[:40]))
    return RequestMalformed(detail=detail, expected=expected)
