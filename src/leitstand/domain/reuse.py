"""Are two model calls so alike that one answer serves both?

Keys are digests of everything that changes an answer. What a key covers is everything that is not named here as
changing nothing, so that a field that is added to a request later makes other keys, not wrong hits.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass

from leitstand.domain.drafting import Target
from leitstand.domain.message import Request

UNHEARD = frozenset({"timeout", "key"})
"""Fields of a request of which the model never hears."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asker:
    """For whom a model is asked, and what for: an answer never leaves this circle."""

    tenant_id: str
    workflow: str
    data_class: str
    purpose: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What must be the same around two questions that mean the same: release, language, and all else that was given.

    ``given`` is the input without the question, ``passages`` are the ids of what was found for it, in their order.
    """

    release_digest: str
    language: str
    given: Mapping[str, object]
    passages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reusable:
    """Which answer of which case may be given again, until when; content is where it was, in that case.

    ``number`` is that of the content ``answer.N``; ``scope`` is None unless questions that mean the same count.
    Times are UTC microseconds.
    """

    tenant_id: str
    workflow: str
    key: bytes
    scope: bytes | None
    case_id: str
    number: int
    model: str
    finish_reason: str
    made_at: int
    expires_at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """An answer that may be given again, with its text."""

    answer: Reusable
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What a question means: its text, and its vector as ``vectors.packed`` made it, in hexadecimal."""

    text: str
    vector: str


def request_key(asker: Asker, target: Target, request: Request) -> bytes:
    """The digest of all that makes the answer: who asks, whom, and everything of the request that reaches the model."""
    heard = {each.name: getattr(request, each.name) for each in fields(request) if each.name not in UNHEARD}
    return _digest("request", asker, target, heard)


def scope_of(asker: Asker, target: Target, around: Surroundings) -> bytes:
    """The digest of all around a question, so that only questions in the same surroundings are compared."""
    return _digest("scope", asker, target, around)


def _digest(*parts: object) -> bytes:
    # Not sorted: the order of a schema's properties is the order in which a model writes them.
    return hashlib.sha256(json.dumps(parts, default=_plain, separators=(",", ":")).encode()).digest()


def _plain(value: object) -> object:
    """A value that JSON does not know, under the name of its type, so that no two types look the same."""
    if is_dataclass(value) and not isinstance(value, type):
        return {"": type(value).__name__, **{each.name: getattr(value, each.name) for each in fields(value)}}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, bytes):
        return {"": "bytes", "hex": value.hex()}
    if isinstance(value, frozenset | set):
        return sorted(value, key=repr)
    raise TypeError(f"{type(value).__name__} has no place in the key of an answer")
