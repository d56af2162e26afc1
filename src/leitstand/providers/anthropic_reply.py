"""Which answer is in the body of an Anthropic message, and is it one?"""

from collections.abc import Mapping

import msgspec

from leitstand.domain.message import Answer, Request, ToolCall
from leitstand.domain.price import Usage
from leitstand.http_reply import Reply
from leitstand.providers.chat_failures import failure_in_answer
from leitstand.providers.chat_usage import count, counts_in
from leitstand.providers.said import Said, judged
from leitstand.providers.service import not_this

ANSWER_TOOL = "leitstand_answer"
"""The tool whose input is the answer, where a model can be held to a schema in no other way."""

REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
    "model_context_window_exceeded": "context",
    "pause_turn": "paused",
}
"""Stop reasons and what they are called here."""


class Block(msgspec.Struct):
    """A block of a message's content; of the many types only text and the use of tools are read."""

    type: str = ""
    text: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw(b"{}")


class Message(msgspec.Struct):
    """A message, or the error in its place."""

    content: list[Block] | None = None
    stop_reason: str | None = None
    model: str | None = None
    usage: msgspec.Raw = msgspec.Raw(b"null")
    error: object = None


_MESSAGE = msgspec.json.Decoder(Message)


def answer_of(reply: Reply, request: Request, provider: str) -> Answer:
    """The answer in a reply of status 200; raises ``ProviderFailed`` for everything that only looks like one."""
    try:
        message = _MESSAGE.decode(reply.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise not_this(reply, "message", provider) from None
    if message.error:
        raise failure_in_answer(message.error, reply.headers, provider)
    if message.content is None and message.stop_reason is None:
        raise not_this(reply, "message", provider)
    blocks = message.content or []
    used = [block for block in blocks if block.type == "tool_use"]
    answers = [bytes(block.input).decode() for block in used if block.name == ANSWER_TOOL]
    reason = REASONS.get(message.stop_reason or "", message.stop_reason or "unknown")
    said = Said(
        text=answers[0] if answers else "".join(block.text or "" for block in blocks if block.type == "text"),
        reason="stop" if answers and reason == "tool_calls" else reason,
        refused=False,
        usage=usage_of(counts_in(message.usage)),
        model=message.model or "",
        tool_calls=() if answers else tuple(call_of(block.name, bytes(block.input).decode()) for block in used),
    )
    return judged(said, request, provider)


def call_of(name: str | None, arguments: str) -> ToolCall:
    """A call that the model asks for."""
    return ToolCall(name=name or "", arguments=arguments or "{}")


def usage_of(counts: Mapping[str, object]) -> Usage:
    """Each token in one class: ``input_tokens`` holds nothing of the cache, ``output_tokens`` thinking too."""
    made, details = count(counts, "output_tokens"), counts.get("output_tokens_details")
    thought = count(details, "thinking_tokens") if isinstance(details, dict) else None
    if made is None or thought is None or thought > made:
        thought = None  # thinking is then counted with the output
    return Usage(
        input_tokens=count(counts, "input_tokens"),
        cached_input_tokens=count(counts, "cache_read_input_tokens"),
        cache_write_tokens=count(counts, "cache_creation_input_tokens"),
        output_tokens=made - thought if made is not None and thought is not None else made,
        reasoning_tokens=thought,
    )
