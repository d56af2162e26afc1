"""Which answer is in the body of a chat completion, and is it one?"""

from dataclasses import dataclass

import msgspec

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, Request
from leitstand.http_reply import Reply
from leitstand.providers.chat_failures import failure_in_answer
from leitstand.providers.chat_usage import usage_of


class _Part(msgspec.Struct):
    type: str = ""
    text: str = ""


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice] | None = None
    model: str | None = None
    usage: msgspec.Raw = msgspec.Raw(b"null")
    error: object = None


_COMPLETION = msgspec.json.Decoder(_Completion)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a service said in all, in one reply or in many pieces; ``reason`` is why it stopped, ``usage`` is JSON."""

    text: str
    reason: str
    refused: bool
    usage: msgspec.Raw
    model: str


def answer_of(reply: Reply, request: Request, provider: str) -> Answer:
    """The answer in a reply of status 200; raises ``ProviderFailed`` for everything that only looks like one."""
    completion = _read(reply, provider)
    if completion.error:
        raise failure_in_answer(completion.error, reply.headers, provider)
    if not completion.choices:
        raise ProviderFailed(kind="empty", retryable=True, provider=provider, detail="the reply holds no choices")
    choice = completion.choices[0]
    message = choice.message or _Message()
    said = Said(
        text=_text(message),
        reason=choice.finish_reason or "unknown",
        refused=bool(message.refusal),
        usage=completion.usage,
        model=completion.model or "",
    )
    return judged(said, request, provider)


def judged(said: Said, request: Request, provider: str) -> Answer:
    """What was said as an answer; raises ``ProviderFailed`` when it is none.

    An object that is cut off is broken; a free text that is cut off is an answer, and its finish reason says so. The
    model of the request stands in where the service does not say which one answered.
    """

    def failed(kind: str, detail: str, *, retryable: bool) -> ProviderFailed:
        return ProviderFailed(kind=kind, retryable=retryable, provider=provider, detail=detail)

    if said.refused or said.reason == "content_filter":
        raise failed("filtered", "the model or its filter refused to answer", retryable=False)
    if said.reason == "length" and request.schema is not None:
        raise failed("truncated", "the answer was cut off at the token limit", retryable=False)
    reason = _word(said.reason)
    if not said.text.strip():
        if said.reason == "length":
            raise failed("truncated", "the token limit was reached before the answer began", retryable=False)
        raise failed("empty", f"the answer holds no text (finish reason {reason})", retryable=True)
    return Answer(text=said.text, usage=usage_of(said.usage), model=said.model or request.model, finish_reason=reason)


def _read(reply: Reply, provider: str) -> _Completion:
    if not reply.body.strip():
        raise ProviderFailed(kind="empty", retryable=True, provider=provider, detail="the reply is empty")
    try:
        return _COMPLETION.decode(reply.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        kind = _word(reply.headers.get("content-type", "").split(";")[0]) or "no type"
        detail = f"the reply ({kind}) is not a chat completion"
        raise ProviderFailed(kind="malformed", retryable=True, provider=provider, detail=detail) from None


def _text(message: _Message) -> str:
    if isinstance(message.content, list):
        return "".join(part.text for part in message.content if part.type == "text")
    return message.content or ""


def _word(text: str) -> str:
    """A word of the service, cut to what may stand in an event."""
    return "".join(
        character for character in text[:40] if character.isascii() and (character.isalnum() or character in "_-/+.")
    )
