"""How are events and contents written as canonical bytes, read back, and committed to?

Canonical means RFC 8785: keys sorted, no white space, no floats. With ASCII keys and no floats this is what
msgspec's sorted encoding gives; a test holds it against the standard library's.
"""

import hashlib
from typing import Any

import msgspec

from leitstand.domain.event import BODIES, Actor, Body, Event
from leitstand.randomness import random_bytes

_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder()

_ENDS = {body: b',"type":"%b"}' % name.encode() for name, body in BODIES.items()}
"""How the bytes of an event end: ``type`` belongs to the body's class and sorts behind every field of the envelope."""


def canonical(value: object) -> bytes:
    """Canonical JSON of plain data, dataclasses included."""
    return _ENCODER.encode(value)


def plain(payload: bytes) -> Any:
    """Plain data from JSON bytes."""
    return _DECODER.decode(payload)


def encode_event(event: Event) -> bytes:
    """The exact bytes of an event as the journal keeps them."""
    # Adding the end to the bytes costs a third of building a dictionary first.
    return _ENCODER.encode(event)[:-1] + _ENDS[type(event.body)]


def decode_event(payload: bytes) -> Event:
    """The event behind bytes of any schema version ever written."""
    fields = _DECODER.decode(payload)
    body: Body = msgspec.convert(fields.pop("body"), BODIES[fields.pop("type")])
    actor = msgspec.convert(fields.pop("actor"), Actor)
    return Event(body=body, actor=actor, **fields)


def new_salt() -> bytes:
    """Thirty-two random bytes for one commitment."""
    return random_bytes(32)


def commitment(salt: bytes, payload: bytes) -> str:
    """Hex SHA-256 of salt and payload: says nothing about the payload once the salt is gone."""
    return hashlib.sha256(salt + payload).hexdigest()
