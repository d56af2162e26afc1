"""POST /v1/workflows/{name}/cases: how does a request become a case?

The hottest address: it is routed before all others and speaks ASGI itself.
"""

import re
from collections.abc import Mapping

from starlette.types import Receive, Scope

from leitstand.domain.errors import InputInvalid, Phrase, RequestMalformed, translatable
from leitstand.domain.event import Actor
from leitstand.runtime.submit import Submission, open_case
from leitstand.web.api.lookup import rested, shown, waiting_time
from leitstand.web.replies import JsonReply
from leitstand.web.requests import known_keys, read_object
from leitstand.web.serving import Serving

PATH = re.compile(r"/v1/workflows/([^/]+)/cases")
CLIENT = Actor(kind="client", id="loopback")

_TRACEPARENT = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_KEY = re.compile(rb"[\x21-\x7e]{1,200}")


async def answer_open_case(
    serving: Serving, scope: Scope, receive: Receive, fields: Mapping[bytes, bytes], workflow: str
) -> JsonReply:
    """Open a case: 201 for a new one, 200 for one that the idempotency key brought back."""
    wait = waiting_time(scope)
    key = idempotency_key(fields.get(b"idempotency-key"))
    body = await read_object(receive, fields, serving.settings.max_body_bytes)
    known_keys(body, ("input",))
    submission = Submission(
        tenant_id=serving.tenant_id,
        workflow=workflow,
        input=_input(body),
        actor=CLIENT,
        channel="api",
        idempotency_key=key,
        request_id=scope["state"]["occurrence"],
        traceparent=traceparent(fields),
    )
    try:
        summary = await open_case(serving.parts, serving.worker, submission)
    except InputInvalid as error:
        raise rooted(error, "/input") from None
    headers = [(b"location", f"/v1/cases/{summary.case.case_id}".encode())]
    if summary.repeated:
        headers.append((b"idempotency-replayed", b"true"))
    settled = await rested(serving, summary, wait)
    return JsonReply(status=200 if summary.repeated else 201, body=await shown(serving, settled), headers=headers)


def traceparent(fields: Mapping[bytes, bytes]) -> str:
    """The caller's span as W3C Trace Context names it; empty when it names none that can be read."""
    given = fields.get(b"traceparent", b"")
    return given.decode("ascii") if _TRACEPARENT.fullmatch(given) else ""


def rooted(error: InputInvalid, root: str) -> InputInvalid:
    """The same error with pointers into the whole body instead of into the value at ``root``."""
    problems = tuple((root + pointer, detail) for pointer, detail in error.problems)
    return InputInvalid(problems=problems, **error.values)


def _input(body: dict[str, object]) -> dict[str, object]:
    given = body.get("input")
    if not isinstance(given, dict):
        detail = (
            translatable("the key input is missing") if "input" not in body else translatable("input is not an object")
        )
        raise RequestMalformed(
            detail=Phrase(detail), expected=Phrase(translatable("a body of the form {form}"), form='{"input": {...}}')
        )
    return given


def idempotency_key(given: bytes | None) -> str | None:
    """The key in the header Idempotency-Key, None without one; raises ``RequestMalformed`` for what is none."""
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        raise RequestMalformed(
            detail=Phrase(
                translatable("the header Idempotency-Key is {value}"), value=repr(given.decode("latin-1")[:40])
            ),
            expected=Phrase(translatable("1 to 200 visible ASCII characters, without spaces, once")),
        )
    return given.decode("ascii")
