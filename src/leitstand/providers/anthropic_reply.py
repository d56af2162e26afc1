"""Which answer is in the body of an Anthropic message, and is it one?"""

import msgspec

from leitstand.domain.message import Answer, Request, ToolCall, Usage
from leitstand.http_reply import Reply
from leitstand.providers.chat_failures import failure_in_answer
from leitstand.providers.said import Said, count, judged
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


class Counts(msgspec.Struct):
    """A ``usage`` object; ``output_tokens`` holds those of thinking, ``input_tokens`` nothing of a cache."""

    input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    output_tokens: int | None = None
    output_tokens_details: dict[str, int] | None = None


_MESSAGE = msgspec.json.Decoder(Message)
_COUNTS = msgspec.json.Decoder(Counts | None)


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
        usage=usage_of(counts_of(message.usage)),
        model=message.model or "",
        tool_calls=() if answers else tuple(call_of(block.name, bytes(block.input).decode()) for block in used),
    )
    return judged(said, request, provider)


def call_of(name: str | None, arguments: str) -> ToolCall:
    """A call that the model asks for."""
    return ToolCall(name=name or "", arguments=arguments or "{}")


def counts_of(raw: msgspec.Raw) -> Counts:
    """The counts in a ``usage`` object; one that cannot be read counts nothing."""
    try:
        return _COUNTS.decode(raw) or Counts()
    except msgspec.MsgspecError:
        return Counts()


def usage_of(counts: Counts) -> Usage:
    """Each token in one class; what is missing, negative or no number is unknown."""
    made = count(counts.output_tokens)
    thought = count((counts.output_tokens_details or {}).get("thinking_tokens"))
    if made is None or thought is None or thought > made:
        thought = None  # thinking is then counted with the output, or not at all
    return Usage(
        input_tokens=count(counts.input_tokens),
        cached_input_tokens=count(counts.cache_read_input_tokens),
        cache_write_tokens=count(counts.cache_creation_input_tokens),
        output_tokens=made - thought if made is not None and thought is not None else made,
        reasoning_tokens=thought,
    )
