"""What does a reply that is no answer mean: which kind of failure is it, may it pass, and when?

Nothing of the service's own words goes into a failure except its short error code: services repeat keys and prompts in
their messages.
"""

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import msgspec

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.price import Usage
from leitstand.http_reply import Reply
from leitstand.providers.error_words import words_of

KIND_OF_STATUS = {
    401: "denied",
    402: "quota",
    403: "denied",
    404: "gone",
    408: "timeout",
    409: "overloaded",
    410: "gone",
    413: "context",
    425: "overloaded",
    429: "overloaded",
    529: "overloaded",
}
"""Statuses that say more than whose fault it is: at 409 and 425 somebody else is in the way right now."""

PASSING = frozenset({"overloaded", "timeout", "server_error"})
"""Kinds after which the same request may succeed later."""

NEVER_PASSES = (501, 505)
"""Server errors that say that the server cannot do this at all."""

MAY_HAVE_WORKED = (408, 504)
"""Somebody on the way lost patience: the model behind may have answered, and is paid. Other errors cost nothing."""

DECIDED_BY_WORDS = frozenset({"context", "filtered", "quota", "denied", "gone"})
"""Kinds that a body may name whatever the status; of the others the status knows more."""


def failure_of(reply: Reply, provider: str) -> ProviderFailed:
    """The failure behind a reply that is no answer; ``x-should-retry`` overrules what its status says."""
    words = words_of(reply.body)
    kind = _kind_of(reply.status)
    if words.kind in DECIDED_BY_WORDS or (words.kind == "overloaded" and kind == "server_error"):
        kind = words.kind
    detail = f"HTTP {reply.status}{f' {words.code}' if words.code else ''}"
    retryable = kind in PASSING and reply.status not in NEVER_PASSES
    retryable = {"true": True, "false": False}.get(reply.headers.get("x-should-retry", ""), retryable)
    failure = _failed(kind, detail, provider, reply.headers, retryable=retryable)
    failure.usage = Usage.none() if reply.status >= 400 and reply.status not in MAY_HAVE_WORKED else None
    return failure


def failure_in_answer(error: object, headers: Mapping[str, str], provider: str) -> ProviderFailed:
    """The failure behind an error object that came with status 200; a status or a known word in it decides."""
    words = words_of(msgspec.json.encode({"error": error}))
    status = int(words.code) if words.code.isdecimal() and 400 <= int(words.code) < 600 else 0
    kind = words.kind or (
        _kind_of(status) if status else "overloaded" if "rate_limit" in words.code else "server_error"
    )
    detail = f"HTTP 200 with an error{f' {words.code}' if words.code else ''}"
    return _failed(kind, detail, provider, headers, retryable=kind in PASSING and status not in NEVER_PASSES)


def _failed(kind: str, detail: str, provider: str, headers: Mapping[str, str], *, retryable: bool) -> ProviderFailed:
    retry_after = seconds_to_wait(headers) if retryable else None
    return ProviderFailed(kind=kind, retryable=retryable, retry_after=retry_after, provider=provider, detail=detail)


def _kind_of(status: int) -> str:
    if status in KIND_OF_STATUS:
        return KIND_OF_STATUS[status]
    return "server_error" if status >= 500 else "refused" if status >= 400 else "malformed"


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
