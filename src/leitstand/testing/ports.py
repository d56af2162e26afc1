"""Where do tests get a port that stays theirs until the server they start listens on it?"""

import random
import socket
from contextlib import suppress

_PORTS = iter(random.sample(range(20_000, 32_000), 12_000))
"""Below those that the system gives to whoever asks for any and to each connection that leaves; no port comes twice."""


def free_port() -> int:
    """A port of this machine that nobody listens on and that no other call of this process is given."""
    for port in _PORTS:
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port from 20,000 to 31,999 is free")
