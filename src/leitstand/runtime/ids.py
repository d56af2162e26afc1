"""How are ids made? UUIDv7: time-ordered, so that rows land beside each other (RFC 9562, section 5.7)."""

import uuid

from leitstand.randomness import random_bytes


def new_id(at: int) -> str:
    """A fresh UUIDv7 for the time ``at`` in UTC microseconds."""
    value = (at // 1000) << 80 | 0x7 << 76 | int.from_bytes(random_bytes(2), "big") >> 4 << 64
    value |= 0b10 << 62 | int.from_bytes(random_bytes(8), "big") >> 2
    return str(uuid.UUID(int=value))
