"""How is an error told to a caller: which status, which title, as a problem of RFC 9457, in German or English?"""

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from starlette.exceptions import HTTPException

from leitstand.domain import errors
from leitstand.domain.errors import InputInvalid, LeitstandError, translatable
from leitstand.domain.rate import CallerTooFast
from leitstand.randomness import random_bytes
from leitstand.runtime.stops import StopUnknown
from leitstand.web import chat_refusals as refusals
from leitstand.web.replies import Header, JsonReply
from leitstand.web.translate import translate

_log = logging.getLogger(__name__)

RETRY_SECONDS = 5
"""When a caller may try again after the store could not be used."""


class AddressUnknown(errors.CallerError):
    """Nothing is served at that path."""

    code = "address_unknown"
    message = translatable("There is nothing at {path}.")
    repair = translatable("The OpenAPI document at /openapi.json lists every address.")


class MethodUnknown(errors.CallerError):
    """The path exists, the method does not; ``allowed`` are those that do."""

    code = "method_unknown"
    message = translatable("{method} is not possible at {path}.")
    repair = translatable("Possible here: {allowed}.")


class MediaTypeUnsupported(errors.CallerError):
    """The body calls itself something else than plain JSON in UTF-8."""

    code = "media_type_unsupported"
    message = translatable("A body of the type or coding {given} is not read here.")
    repair = translatable("Send JSON in UTF-8, uncompressed, with the header Content-Type: application/json.")


class NotReady(errors.OperatorError):
    """This process should get no requests now, or be started anew; ``reason`` is a phrase."""

    code = "not_ready"
    message = translatable("This server is not ready: {reason}.")
    repair = translatable("Ask again in a moment; the log of the server says more.")


class ServerBusy(errors.Overloaded):
    """As many requests are being answered as may be."""

    code = "server_busy"
    message = translatable("{waiting} requests are being answered, and {most} may.")


class Stopping(errors.Overloaded):
    """This process comes to its end and takes up nothing new."""

    code = "stopping"
    message = translatable("This process is about to stop.")
    repair = translatable("Send the request to another one, or again in {retry_after} s.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """HTTP status and title (a template) of a kind of error."""

    status: int
    title: str


KINDS: Mapping[type[LeitstandError], Kind] = {
    errors.InputInvalid: Kind(status=422, title=translatable("Input does not match its schema")),
    errors.RequestMalformed: Kind(status=400, title=translatable("Request cannot be read")),
    errors.TooLarge: Kind(status=413, title=translatable("Too large")),
    errors.WorkflowUnknown: Kind(status=404, title=translatable("Workflow unknown")),
    errors.CaseUnknown: Kind(status=404, title=translatable("Case unknown")),
    StopUnknown: Kind(status=404, title=translatable("Stop unknown")),
    errors.ReleaseUnknown: Kind(status=404, title=translatable("Release unknown")),
    errors.IdempotencyConflict: Kind(status=409, title=translatable("Idempotency key used before")),
    errors.StateConflict: Kind(status=409, title=translatable("Case has moved on")),
    errors.LeaseLost: Kind(status=409, title=translatable("Case has moved on")),
    errors.Denied: Kind(status=403, title=translatable("Denied")),
    AddressUnknown: Kind(status=404, title=translatable("Nothing here")),
    MethodUnknown: Kind(status=405, title=translatable("Method not possible here")),
    MediaTypeUnsupported: Kind(status=415, title=translatable("Body is not JSON")),
    CallerTooFast: Kind(status=429, title=translatable("Too fast")),
    errors.WorkflowFull: Kind(status=429, title=translatable("Too much of this workflow waits")),
    refusals.WorkflowStopped: Kind(status=503, title=translatable("Stopped")),
    refusals.CaseHeld: Kind(status=503, title=translatable("Stopped")),
    errors.Overloaded: Kind(status=503, title=translatable("Too much waits")),
    errors.CallerError: Kind(status=400, title=translatable("Request cannot be served")),
    errors.StoreUnusable: Kind(status=503, title=translatable("Database cannot be used right now")),
    errors.StoreOwned: Kind(status=503, title=translatable("Database cannot be used right now")),
    NotReady: Kind(status=503, title=translatable("Not ready")),
    errors.OperatorError: Kind(status=500, title=translatable("Something is set up wrongly")),
    refusals.ParameterRefused: Kind(status=400, title=translatable("Request cannot be read")),
    refusals.ModelsOverloaded: Kind(status=503, title=translatable("A service that Leitstand calls failed")),
    refusals.CaseUnderWay: Kind(status=504, title=translatable("Case is still under way")),
    errors.UpstreamError: Kind(status=502, title=translatable("A service that Leitstand calls failed")),
    LeitstandError: Kind(status=500, title=translatable("Something went wrong inside Leitstand")),
}
"""The one table from error to HTTP status; an error that is not in it counts as the nearest class above it that is."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One place in the body that is wrong: ``pointer`` is a JSON pointer into it (RFC 6901)."""

    pointer: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem of RFC 9457 with ``code`` for programs, ``repair`` for people and ``errors`` for wrong input.

    ``instance`` names this one occurrence and stands in the log beside its cause.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    repair: str
    errors: tuple[Place, ...] = ()


def new_occurrence() -> str:
    """A fresh id for one request: in the log, in the answer, in the first event of the case."""
    return random_bytes(8).hex()


def kind_of(error: LeitstandError) -> Kind:
    """The row of ``KINDS`` that applies to an error."""
    return next(KINDS[ancestor] for ancestor in type(error).__mro__ if ancestor in KINDS)


def problem_of(error: LeitstandError, language: str, occurrence: str) -> Problem:
    """The problem that tells ``error`` in ``language``; places in the input are pointers into the whole body."""
    kind = kind_of(error)
    values: dict[str, object] = dict(error.values)
    for name, phrase in error.phrases.items():
        values[name] = translate(phrase.template, phrase.values, language)
    places = error.problems if isinstance(error, InputInvalid) else ()
    return Problem(
        type=f"urn:leitstand:error:{error.code}",
        title=translate(kind.title, {}, language),
        status=kind.status,
        detail=translate(error.message, values, language),
        instance=f"urn:leitstand:occurrence:{occurrence}",
        code=error.code,
        repair=translate(error.repair, values, language),
        errors=tuple(Place(pointer=pointer, detail=detail) for pointer, detail in places),
    )


def reply_with(problem: Problem, error: LeitstandError) -> JsonReply:
    """The answer that carries a problem, with the header that its status asks for."""
    headers: list[Header] = []
    if isinstance(error, MethodUnknown):
        headers.append((b"allow", error.values["allowed"].encode("latin-1", "replace")))
    if isinstance(error, errors.Overloaded) or problem.status == 503:
        headers.append((b"retry-after", b"%d" % getattr(error, "retry_after", RETRY_SECONDS)))
    return JsonReply(status=problem.status, body=problem, headers=headers, media_type=b"application/problem+json")


def known_error(error: Exception, path: str, method: str, occurrence: str) -> LeitstandError:
    """The error to tell a caller for any exception; what is not the caller's mistake is logged under its occurrence.

    The log gets the place and the kind of an unforeseen exception, not its message: it may quote the content of a case.
    """
    if isinstance(error, HTTPException):
        if error.status_code == 405:
            return MethodUnknown(method=method, path=path, allowed=(error.headers or {}).get("Allow", ""))
        return AddressUnknown(path=path)
    if isinstance(error, errors.CallerError | errors.Overloaded):
        return error
    if isinstance(error, LeitstandError):
        _log.error("%s %s: %s, occurrence %s", method, path, error, occurrence)
        return error
    frames = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s %s broke with %s, occurrence %s\n%s", method, path, type(error).__name__, occurrence, frames)
    return LeitstandError()
