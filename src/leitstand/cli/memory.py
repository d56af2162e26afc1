"""How does a process that starts give back what only its start needed?"""

import contextlib
import ctypes


def give_back() -> None:
    """Return freed memory to the system: the C library of Linux would keep it for as long as the process lives.

    Elsewhere there is nothing to call, and nothing is done.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
