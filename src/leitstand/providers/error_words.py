"""Which kind of failure do the words of an error body name?

Services agree on statuses and little else: the same 400 is a question that is too long, a filter that struck, an empty
account or a mistake of ours. Codes are compared as they are. Messages are only searched, never kept: services repeat
keys and prompts in them.
"""

import re

import msgspec

KIND_OF_CODE = {
    "context_length_exceeded": "context",
    "exceed_context_size_error": "context",
    "string_above_max_length": "context",
    "request_too_large": "context",
    "content_filter": "filtered",
    "content_policy_violation": "filtered",
    "invalid_prompt": "filtered",
    "bio_policy": "filtered",
    "misalignment_policy_violation": "filtered",
    "ResponsibleAIPolicyViolation": "filtered",
    "insufficient_quota": "quota",
    "billing_hard_limit_reached": "quota",
    "billing_not_active": "quota",
    "billing_error": "quota",
    "quota_exceeded": "quota",
    "credit_balance_too_low": "quota",
    "invalid_api_key": "denied",
    "authentication_error": "denied",
    "permission_error": "denied",
    "permission_denied": "denied",
    "account_deactivated": "denied",
    "model_not_found": "gone",
    "model_not_available": "gone",
    "model_decommissioned": "gone",
    "DeploymentNotFound": "gone",
    "not_found_error": "gone",
    "rate_limit_exceeded": "overloaded",
    "rate_limit_error": "overloaded",
    "overloaded_error": "overloaded",
    "slow_down": "overloaded",
    "engine_overloaded": "overloaded",
    "timeout_error": "timeout",
    "vector_store_timeout": "timeout",
    "api_error": "server_error",
    "server_error": "server_error",
    "invalid_request_error": "refused",
}
"""What services call their failures, and the kind that each of them is."""

_KIND_OF_MESSAGE = (
    (re.compile(r"(?i)prompt is too long|context (length|window|limit|size)|too many (input )?tokens"), "context"),
    (re.compile(r"(?i)credit balance is too low|exceeded your current quota"), "quota"),
)
"""What only a message says, for services that call it an invalid request like any other."""

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_SEARCHED = 10_000


class _Error(msgspec.Struct):
    code: str | int | None = None
    type: str | None = None
    message: object = None


class _Body(msgspec.Struct):
    """An error object, or its fields at the top."""

    error: _Error | str | None = None
    code: str | int | None = None
    type: str | None = None
    message: object = None


class Words(msgspec.Struct, frozen=True):
    """What an error body says: ``code`` is fit to be shown, or empty; ``kind`` is empty when it is not known."""

    code: str = ""
    kind: str = ""


def words_of(body: bytes) -> Words:
    """What the body of a failed call says."""
    error = _read(body)
    named = [word for word in (error.code, error.type) if isinstance(word, str)]
    kind = next((KIND_OF_CODE[word] for word in named if word in KIND_OF_CODE), "")
    if kind in ("", "refused") and isinstance(error.message, str):
        said = error.message[:_SEARCHED]
        kind = next((meant for pattern, meant in _KIND_OF_MESSAGE if pattern.search(said)), kind)
    return Words(_shown(error), kind)


def _read(body: bytes) -> _Error:
    """The error object of a body, of a list with one in it, or a body that is one itself."""
    try:
        read = msgspec.json.decode(body, type=list[_Body] | _Body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Error()
    first = (read[0] if read else _Body()) if isinstance(read, list) else read
    if isinstance(first.error, _Error):
        return first.error
    return _Error(code=first.code, type=first.type, message=first.error or first.message)


def _shown(error: _Error) -> str:
    if isinstance(error.code, int):
        return str(error.code) if 0 <= error.code < 10_000 else ""
    code = error.code or error.type or ""
    return code if _CODE.fullmatch(code) and not code.lower().startswith("sk-") else ""
