"""What is measured: the server of the chaos runs without their pauses in each step."""

import sys

from tests.chaos import server

if __name__ == "__main__":
    server.DWELL = 0.0
    server.main(*sys.argv[1:])
