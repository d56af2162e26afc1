"""Where do random bytes come from? From the system, many at a time.

``os.urandom`` lets go of the interpreter lock on every call; with a second busy thread each call then waits its turn,
which made it the most expensive line of a case. So each thread draws a supply and cuts from it. No byte is given out
twice: a fork empties the supply of the child.
"""

import os
import threading

SUPPLY = 4096


class _Supply(threading.local):
    """The bytes that this thread has drawn and not given out."""

    def __init__(self) -> None:
        self.left = b""


_supply = _Supply()
os.register_at_fork(after_in_child=lambda: setattr(_supply, "left", b""))


def random_bytes(count: int) -> bytes:
    """``count`` fresh bytes from the system's generator, at most ``SUPPLY``."""
    left = _supply.left
    if len(left) < count:
        left = os.urandom(SUPPLY)
    _supply.left = left[count:]
    return left[:count]
