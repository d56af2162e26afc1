"""What does a failed chat completion mean: which kind of failure, may it pass, and when?

Nothing of the service's own words goes into a failure except its short error code: services repeat keys and prompts in
their messages.
"""

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import msgspec

from leitstand.domain.errors import ProviderFailed
from leitstand.http_reply import Reply

OVERLOADED = (409, 425, 429)
"""Somebody else is in the way right now."""

NEVER_PASSES = (501, 505)
"""Server errors that say that the server cannot do this at all."""

_EXHAUSTED = frozenset({"insufficient_quota", "billing_hard_limit_reached", "quota_exceeded"})
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


class _Error(msgspec.Struct):
    code: str | int | None = None
    type: str | None = None


class _ErrorBody(msgspec.Struct):
    error: _Error | str | None = None


def failure_of(reply: Reply, provider: str) -> ProviderFailed:
    """The failure behind a reply that is no answer."""
    kind, retryable = _judged(reply.status)
    code = error_code(reply.body)
    if code in _EXHAUSTED:
        kind, retryable = "refused", False
    detail = f"HTTP {reply.status}{f' {code}' if code else ''}"
    retry_after = seconds_to_wait(reply.headers) if retryable else None
    return ProviderFailed(kind=kind, retryable=retryable, retry_after=retry_after, provider=provider, detail=detail)


def failure_in_answer(error: object, headers: Mapping[str, str], provider: str) -> ProviderFailed:
    """The failure behind an error object that came with status 200; a status or a known word in it decides."""
    body = msgspec.json.encode({"error": error})
    code = error_code(body)
    status = int(code) if code.isdecimal() and 400 <= int(code) < 600 else 0
    if not status:
        status = 429 if "rate_limit" in code or "overloaded" in code else 500
    failure = failure_of(Reply(status=status, headers=headers, body=body), provider)
    return ProviderFailed(
        kind=failure.kind,
        retryable=failure.retryable,
        retry_after=failure.retry_after,
        provider=provider,
        detail=f"HTTP 200 with an error{f' {code}' if code else ''}",
    )


def _judged(status: int) -> tuple[str, bool]:
    """Kind of the failure and whether the same request may succeed later."""
    if status in OVERLOADED:
        return "overloaded", True
    if status == 408:
        return "timeout", True
    if status >= 500:
        return "server_error", status not in NEVER_PASSES
    if status >= 400:
        return "refused", False
    return "malformed", False


def error_code(body: bytes) -> str:
    """The short code or type of an error object; empty when there is none that is fit to be shown."""
    try:
        error = msgspec.json.decode(body, type=_ErrorBody).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    if not isinstance(error, _Error):
        return ""
    if isinstance(error.code, int):
        return str(error.code) if 0 <= error.code < 10_000 else ""
    code = error.code or error.type or ""
    return code if _CODE.fullmatch(code) and not code.lower().startswith("sk-") else ""


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """What ``retry-after-ms`` or ``Retry-After`` ask for, in seconds from now, never negative; None when unreadable."""
    given = headers.get("retry-after-ms")
    if given is not None and (milliseconds := _number(given)) is not None:
        return milliseconds / 1000
    given = headers.get("retry-after")
    if given is None:
        return None
    seconds = _number(given)
    return seconds if seconds is not None else _until(given)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _until(date: str) -> float | None:
    """Seconds until an HTTP date (RFC 9110, section 5.6.7)."""
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except (ValueError, OverflowError, OSError):
        return None
