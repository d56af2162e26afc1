"""POST /v1/chat/completions: how does a chat completion become a case, and the case an answer?

As hot as opening a case, and as bare: it is routed before all others and speaks ASGI itself.
"""

import asyncio
from collections.abc import Mapping

from starlette.types import Receive, Scope

from leitstand.domain.errors import InputInvalid
from leitstand.runtime.listen import Listener
from leitstand.runtime.submit import Submission, open_case
from leitstand.web.api.open_case import CLIENT, idempotency_key, traceparent
from leitstand.web.api.openai.chat_request import in_the_request, model_of, read_chat
from leitstand.web.api.openai.completion import Pieces, completion
from leitstand.web.api.openai.exchange import Exchange
from leitstand.web.api.openai.stream import EventReply, StreamThrough
from leitstand.web.chat_refusals import WorkflowStopped
from leitstand.web.replies import JsonReply
from leitstand.web.requests import parameters, read_object
from leitstand.web.serving import Serving
from leitstand.web.translate import choose_language

Reply = JsonReply | EventReply | StreamThrough

PATH = "/v1/chat/completions"

BEYOND_THE_DEADLINE = 30.0
"""Seconds that a caller waits beyond the deadline of the drafts: for its turn, for the checks, for the disk."""


async def answer_chat(serving: Serving, scope: Scope, receive: Receive, fields: Mapping[bytes, bytes]) -> Reply:
    """Open a case and answer when it is at rest, or let its answer through while it comes."""
    parameters(scope, ())
    key = idempotency_key(fields.get(b"idempotency-key"))
    body = await read_object(receive, fields, serving.settings.max_body_bytes)
    installed = serving.parts.installations.active(serving.tenant_id, model_of(body))
    if serving.parts.stops.on_workflow(serving.tenant_id, installed.workflow.name):
        raise WorkflowStopped(workflow=installed.workflow.name)
    asked = read_chat(body, installed)
    listener = Listener(eager=asked.stream and installed.streams)
    submission = Submission(
        tenant_id=serving.tenant_id,
        workflow=installed.workflow.name,
        input=asked.input,
        actor=CLIENT,
        channel="openai",
        idempotency_key=key,
        request_id=scope["state"]["occurrence"],
        traceparent=traceparent(fields),
        listener=listener,
    )
    try:
        summary = await open_case(serving.parts, serving.worker, submission)
    except InputInvalid as error:
        raise in_the_request(error, installed) from None
    patience = installed.workflow.draft.deadline_seconds + BEYOND_THE_DEADLINE
    exchange = Exchange(
        serving=serving,
        installed=installed,
        asked=asked,
        summary=summary,
        listener=listener,
        here=serving.parts.listeners.of(summary.case.case_id) is listener,
        language=choose_language(None, fields.get(b"accept-language", b"").decode("latin-1")),
        over=asyncio.get_running_loop().call_later(patience, listener.end, None, None),
    )
    return await _reply(exchange)


async def _reply(exchange: Exchange) -> Reply:
    """An answer as soon as it is known how to begin it: an error has its own status as long as nothing was said."""
    headers = exchange.headers()
    if exchange.lets_through and (first := await exchange.listener.pieces()):
        return StreamThrough(exchange=exchange, first=first, headers=headers)
    try:
        answer = await exchange.answer()
    finally:
        exchange.leave()
    if exchange.asked.stream:
        pieces = Pieces(exchange.summary.case, tells_usage=exchange.asked.tells_usage)
        return EventReply(body=pieces.begin() + pieces.whole(answer) + pieces.end(answer), headers=headers)
    return JsonReply(status=200, body=completion(exchange.summary.case, answer), headers=headers)
