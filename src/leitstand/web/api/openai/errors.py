"""How is an error told in OpenAI's form, so that its clients raise what they raise there?"""

from collections.abc import Iterator

import msgspec

from leitstand.domain import errors
from leitstand.domain.errors import LeitstandError
from leitstand.web.chat_refusals import (
    CaseLost,
    CaseUnderWay,
    NoAnswer,
    ParameterRefused,
    StreamBroken,
)
from leitstand.web.problems import problem_of, reply_with
from leitstand.web.replies import Header, JsonReply

PREFIXES = ("/v1/chat/", "/v1/models")
"""Below these an error has OpenAI's form."""

TYPES = {403: "permission_error", 429: "rate_limit_error"}
"""Status to OpenAI's type of error; every other is an invalid request below 500 and a server error above."""

_CASE_IS_OPEN = (NoAnswer, CaseUnderWay, CaseLost, StreamBroken)


class OpenaiError(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong: in words, of which type, with which parameter, as a code for programs."""

    message: str
    type: str
    param: str | None
    code: str


class OpenaiFailure(msgspec.Struct, frozen=True, kw_only=True):
    """An error as OpenAI's clients read it."""

    error: OpenaiError


def failure_of(error: LeitstandError, language: str, occurrence: str) -> tuple[int, OpenaiFailure]:
    """HTTP status and body of an error."""
    problem = problem_of(error, language, occurrence)
    status, code, param = problem.status, problem.code, None
    match error:
        case ParameterRefused():
            code, param = error.kind, error.param
        case errors.WorkflowUnknown():
            code, param = "model_not_found", "model"
        case errors.InputInvalid():
            status, code, param = 400, "invalid_value", _place(error)
        case errors.TooLarge() if error.values["unit"] == "characters":
            status, code, param = 400, "context_length_exceeded", "messages"
    kind = TYPES.get(status) or ("server_error" if status >= 500 else "invalid_request_error")
    message = f"{problem.detail} {problem.repair}"
    return status, OpenaiFailure(error=OpenaiError(message=message, type=kind, param=param, code=code))


def openai_reply(error: LeitstandError, language: str, occurrence: str) -> JsonReply:
    """The answer that tells an error, with its headers."""
    status, body = failure_of(error, language, occurrence)
    usual = reply_with(problem_of(error, language, occurrence), error).headers
    return JsonReply(status=status, body=body, headers=[*usual, *_more_headers(error)])


def _more_headers(error: LeitstandError) -> Iterator[Header]:
    """A request that opened a case must not be repeated by the client itself: that would open another."""
    if isinstance(error, _CASE_IS_OPEN):
        yield b"leitstand-case", error.values["case_id"].encode()
        yield b"x-should-retry", b"false"


def _place(error: errors.InputInvalid) -> str | None:
    """The first wrong place as OpenAI writes places: ``messages[0].content``."""
    return dotted(error.problems[0][0]) if error.problems else None


def dotted(pointer: str) -> str:
    """A JSON pointer with brackets and dots."""
    text = ""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        text += f"[{name}]" if name.isdigit() else f".{name}" if text else name
    return text or "messages"
