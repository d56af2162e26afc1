"""What is hurt: the server of the chaos runs on a machine whose clock is off by SECONDS_AHEAD."""

import os
import sys

from tests.chaos import server

from leitstand import assembly

if __name__ == "__main__":
    true, ahead = assembly.now, int(os.environ["SECONDS_AHEAD"]) * 1_000_000
    assembly.now = lambda: true() + ahead
    server.main(*sys.argv[1:])
