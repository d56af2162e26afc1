"""Which answer is in the body of an OpenAI response, and is it one?"""

from collections.abc import Mapping, Sequence

import msgspec

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, Request, ToolCall
from leitstand.http_reply import Reply
from leitstand.providers.chat_failures import failure_in_answer
from leitstand.providers.chat_usage import usage_of
from leitstand.providers.said import Said, judged
from leitstand.providers.service import not_this

REASONS = {"max_output_tokens": "length", "content_filter": "content_filter"}
"""Why a response is incomplete, and what that is called here."""


class _Part(msgspec.Struct):
    type: str = ""
    text: str = ""


class _Item(msgspec.Struct):
    type: str = ""
    content: list[_Part] | None = None
    name: str | None = None
    arguments: str | None = None
    id: str | None = None
    summary: msgspec.Raw = msgspec.Raw(b"[]")
    encrypted_content: str | None = None


class _Details(msgspec.Struct):
    reason: str | None = None


class Response(msgspec.Struct):
    """A response, whatever became of it."""

    status: str | None = None
    output: list[_Item] | None = None
    incomplete_details: _Details | None = None
    model: str | None = None
    usage: msgspec.Raw = msgspec.Raw(b"null")
    error: object = None


_RESPONSE = msgspec.json.Decoder(Response)


def answer_of(reply: Reply, request: Request, provider: str) -> Answer:
    """The answer in a reply of status 200; raises ``ProviderFailed`` for everything that only looks like one."""
    try:
        response = _RESPONSE.decode(reply.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise not_this(reply, "response", provider) from None
    return judged(said_in(response, reply.headers, provider), request, provider)


def said_in(response: Response, headers: Mapping[str, str], provider: str) -> Said:
    """What the model said in a response; raises ``ProviderFailed`` for one that failed or is not finished."""
    if response.error or response.status == "failed":
        raise failure_in_answer(response.error, headers, provider)
    if response.status not in ("completed", "incomplete", None) or (response.status is None and not response.output):
        detail = f"the response is {response.status or 'nothing'}, neither completed nor incomplete"
        raise ProviderFailed(kind="malformed", retryable=True, provider=provider, detail=detail)
    items = response.output or []
    parts = [part for item in items if item.type == "message" for part in item.content or ()]
    calls = tuple(
        ToolCall(name=item.name or "", arguments=item.arguments or "{}")
        for item in items
        if item.type == "function_call"
    )
    reason = "tool_calls" if calls else "stop"
    if response.status == "incomplete":
        cause = (response.incomplete_details and response.incomplete_details.reason) or ""
        reason = REASONS.get(cause, "length")
    return Said(
        text="".join(part.text for part in parts if part.type == "output_text"),
        reason=reason,
        refused=any(part.type == "refusal" for part in parts),
        usage=usage_of(response.usage, "input_tokens", "output_tokens"),
        model=response.model or "",
        tool_calls=calls,
        thought=_thought(items),
    )


def _thought(items: Sequence[_Item]) -> str:
    """How the model reasoned, as the items that it wants back; what is not encrypted is a name that nobody kept."""
    kept = [
        {"type": "reasoning", "id": item.id, "summary": item.summary, "encrypted_content": item.encrypted_content}
        for item in items
        if item.type == "reasoning" and item.encrypted_content
    ]
    return msgspec.json.encode(kept).decode() if kept else ""
