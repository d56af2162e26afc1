"""What does a request say, read strictly: its headers, its parameters, its JSON body?"""

import json
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Message, Receive, Scope

from leitstand.domain.errors import Phrase, RequestMalformed, TooLarge, translatable
from leitstand.web.problems import MediaTypeUnsupported, ServerBusy

MOST_LEVELS = 64
"""Deepest nesting of a body; deeper ones only occur in attacks, and break recursive readers."""

MOST_PARAMETERS = 50

_DECODER = msgspec.json.Decoder()
_KEY_ENDS = re.compile(rb'"[ \t\n\r]*:')
_A_JSON_OBJECT = Phrase(translatable("one JSON object in UTF-8"))


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """Header fields by lower-case name; repeated ones are joined by a comma (RFC 9110, section 5.3).

    What must come once (Host, Idempotency-Key) is refused by its own check then, as no valid value has a comma and a
    space.
    """
    fields: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        fields[name] = fields[name] + b", " + value if name in fields else value
    return fields


def parameters(scope: Scope, known: Collection[str]) -> dict[str, list[str]]:
    """Query parameters by name; raises ``RequestMalformed`` for an unknown one, naming the nearest known one."""
    if not scope["query_string"]:
        return {}
    try:
        pairs = parse_qsl(
            scope["query_string"].decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        raise RequestMalformed(
            detail=Phrase(translatable("the query string is not readable")),
            expected=Phrase(translatable("a percent-encoded UTF-8 query string")),
        ) from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in known:
            raise unknown(Phrase(translatable("the query parameter {name} is unknown"), name=name), name, known)
        found.setdefault(name, []).append(value)
    return found


def single(found: Mapping[str, list[str]], name: str) -> str | None:
    """The value of a parameter that may come once; None when it is missing."""
    values = found.get(name, [])
    if len(values) > 1:
        raise RequestMalformed(
            detail=Phrase(translatable("the query parameter {name} comes {count} times"), name=name, count=len(values)),
            expected=Phrase(translatable("it once")),
        )
    return values[0] if values else None


def whole_number(found: Mapping[str, list[str]], name: str, allowed: range, default: int) -> int:
    """A parameter as a whole number in ``allowed``."""
    text = single(found, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) in allowed):
        raise RequestMalformed(
            detail=Phrase(translatable("the query parameter {name} is {value}"), name=name, value=repr(text[:40])),
            expected=Phrase(translatable("a whole number from {least} to {most}"), least=allowed[0], most=allowed[-1]),
        )
    return int(text)


def unknown(detail: Phrase, name: str, known: Collection[str]) -> RequestMalformed:
    """The error for a name that nobody knows, with the nearest known one, or all of them."""
    if not known:
        return RequestMalformed(detail=detail, expected=Phrase(translatable("none")))
    near = get_close_matches(name, known, n=1)
    if near:
        return RequestMalformed(detail=detail, expected=Phrase(translatable("{near}, if that was meant"), near=near[0]))
    return RequestMalformed(
        detail=detail, expected=Phrase(translatable("only these: {known}"), known=", ".join(sorted(known)))
    )


def check_busy(answering: int, most: int, path: str) -> None:
    """Raise ``ServerBusy`` when this request is one too many; whether the server is well may always be asked."""
    if answering > most and not path.startswith(("/health/", "/metrics")):
        raise ServerBusy(waiting=answering, most=most, retry_after=1)


def known_keys(body: Mapping[str, object], known: Collection[str]) -> None:
    """Raise ``RequestMalformed`` for the first key of a body that is not ``known``."""
    for key in body:
        if key not in known:
            raise unknown(Phrase(translatable("the key {key} is unknown"), key=repr(key[:80])), key, known)


async def read_object(receive: Receive, fields: Mapping[bytes, bytes], limit: int) -> dict[str, object]:
    """The JSON object in the body; raises ``MediaTypeUnsupported``, ``TooLarge`` or ``RequestMalformed``."""
    check_media_type(fields)
    return decode_object(await read_body(receive, fields, limit))


def check_media_type(fields: Mapping[bytes, bytes]) -> None:
    """Refuse what does not call itself plain JSON in UTF-8: another type could come from a form of a foreign page."""
    given = fields.get(b"content-type", b"")
    if given == b"application/json" and b"content-encoding" not in fields:
        return
    kind, _, parameter = given.decode("latin-1").partition(";")
    charset = parameter.strip().lower().replace('"', "")
    if kind.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise MediaTypeUnsupported(given=repr(given.decode("latin-1")[:80]))
    if fields.get(b"content-encoding", b"identity") != b"identity":
        raise MediaTypeUnsupported(given=repr(fields[b"content-encoding"].decode("latin-1")[:80]))


async def read_body(receive: Receive, fields: Mapping[bytes, bytes], limit: int) -> bytes:
    """The body: above ``limit`` bytes refused by its announced length before it is read, by its real one while."""
    check_announced(fields, limit)
    counted = bounded(receive, limit)
    parts, more = [], True
    while more:
        message = await counted()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def check_announced(fields: Mapping[bytes, bytes], limit: int) -> None:
    """Raise ``TooLarge`` for a body that says itself that it is."""
    announced = fields.get(b"content-length", b"0")
    if announced.isdigit() and int(announced) > limit:
        raise TooLarge(what="body", size=int(announced), limit=limit, unit="bytes")


def bounded(receive: Receive, limit: int) -> Receive:
    """``receive`` that raises ``TooLarge`` after ``limit`` bytes, and ``ClientGone`` instead of a cut body."""
    size, complete = 0, False

    async def counted() -> Message:
        nonlocal size, complete
        message = await receive()
        if message["type"] == "http.disconnect" and not complete:
            raise ClientGone
        size += len(message.get("body", b""))
        complete = complete or not message.get("more_body", False)
        if size > limit:
            raise TooLarge(what="body", size=size, limit=limit, unit="bytes")
        return message

    return counted


def decode_object(body: bytes) -> dict[str, object]:
    """The one JSON object that ``body`` is: UTF-8, no byte order mark, no NaN, no key twice, not nested too deep."""
    try:
        value = _DECODER.decode(body)
    except UnicodeDecodeError as error:
        raise _malformed(Phrase(translatable("byte {place} is not UTF-8"), place=error.start)) from None
    except RecursionError:
        raise _too_deep() from None
    except msgspec.DecodeError as error:
        raise _malformed(_why_not_json(body, str(error))) from None
    if not isinstance(value, dict):
        raise _malformed(Phrase(translatable("the body is not a JSON object")))
    if len(_KEY_ENDS.findall(body)) != _count_keys(value, MOST_LEVELS):
        json.loads(body, object_pairs_hook=_refuse_twice)
    return value


def _why_not_json(body: bytes, reason: str) -> Phrase:
    if not body.strip():
        return Phrase(translatable("the body is empty"))
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return Phrase(translatable("the body begins with a byte order mark"))
    return Phrase(translatable("the body is not JSON ({reason})"), reason=reason.removeprefix("JSON is malformed: "))


def _count_keys(value: object, levels: int) -> int:
    """Keys of all objects in ``value``: a quote meets a colon as often in its text, more often when one comes twice."""
    if isinstance(value, dict):
        inner = value.values()
        count = len(value)
    elif isinstance(value, list):
        inner, count = value, 0  # type: ignore[assignment]
    else:
        return 0
    if not levels:
        raise _too_deep()
    return count + sum(_count_keys(item, levels - 1) for item in inner if isinstance(item, dict | list))


def _refuse_twice(pairs: list[tuple[str, object]]) -> None:
    names = set()
    for name, _ in pairs:
        if name in names:
            raise _malformed(Phrase(translatable("the key {key} comes twice in one object"), key=repr(name[:80])))
        names.add(name)


def _too_deep() -> RequestMalformed:
    return _malformed(Phrase(translatable("the body is nested deeper than {most} levels"), most=MOST_LEVELS))


def _malformed(detail: Phrase) -> RequestMalformed:
    return RequestMalformed(detail=detail, expected=_A_JSON_OBJECT)
