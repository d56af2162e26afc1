"""How are ids made? UUIDv7: time-ordered, so that rows land beside each other (RFC 9562, section 5.7)."""

from leitstand.randomness import random_bytes


def new_id(at: int) -> str:
    """A fresh UUIDv7 for the time ``at`` in UTC microseconds."""
    value = (at // 1000) << 80 | 0x7 << 76 | int.from_bytes(random_bytes(2), "big") >> 4 << 64
    value |= 0b10 << 62 | int.from_bytes(random_bytes(8), "big") >> 2
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
