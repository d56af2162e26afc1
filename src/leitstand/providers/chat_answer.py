"""Which answer is in the body of a chat completion, and is it one?"""

import msgspec

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, Request, ToolCall
from leitstand.http_reply import Reply
from leitstand.providers.chat_failures import failure_in_answer
from leitstand.providers.chat_usage import usage_of
from leitstand.providers.said import Said, judged
from leitstand.providers.service import not_this


class _Part(msgspec.Struct):
    type: str = ""
    text: str = ""


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | dict[str, object] | None = None


class _ToolCall(msgspec.Struct):
    function: _Function | None = None


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice] | None = None
    model: str | None = None
    usage: msgspec.Raw = msgspec.Raw(b"null")
    error: object = None


_COMPLETION = msgspec.json.Decoder(_Completion)


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
        usage=usage_of(completion.usage),
        model=completion.model or "",
        tool_calls=_tool_calls(message),
    )
    return judged(said, request, provider)


def _read(reply: Reply, provider: str) -> _Completion:
    try:
        return _COMPLETION.decode(reply.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise not_this(reply, "chat completion", provider) from None


def _text(message: _Message) -> str:
    if isinstance(message.content, list):
        return "".join(part.text for part in message.content if part.type == "text")
    return message.content or ""


def _tool_calls(message: _Message) -> tuple[ToolCall, ...]:
    """Some servers write the arguments as an object instead of as its text."""
    functions = [call.function or _Function() for call in message.tool_calls or ()]
    return tuple(
        ToolCall(
            name=function.name or "",
            arguments=function.arguments
            if isinstance(function.arguments, str)
            else msgspec.json.encode(function.arguments or {}).decode(),
        )
        for function in functions
    )
