"""What did the outside world receive? A webhook receiver with a ledger that outlives everything else.

    python -m leitstand.testing.receiver --port 9900 --ledger effects.jsonl

Each POST becomes one line of JSON, synced to the disk before the reply leaves: ``number``, ``key`` (its
Idempotency-Key), ``body``, ``applied`` (False when the key was there before: a repeated attempt) and ``at`` in UTC
microseconds. A key that comes again with another body is written down too and answered with 409. With port 0 a free
one is taken and printed.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from leitstand.testing.wire import Received, http_reply, read_request


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """One attempt as the receiver saw it."""

    number: int
    key: str
    body: str
    applied: bool
    at: int


def read_ledger(path: Path) -> tuple[Effect, ...]:
    """All attempts in order; a last line that a kill of the receiver cut off is left out."""
    if not path.exists():
        return ()
    lines = path.read_bytes().split(b"\n")[:-1]
    return tuple(Effect(**json.loads(line)) for line in lines)


class Ledger:
    """The append-only file; one process writes it."""

    def __init__(self, path: Path) -> None:
        known = read_ledger(path)
        self._bodies = {effect.key: effect.body for effect in known if effect.applied}
        self._number = len(known)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        whole = path.read_bytes().rfind(b"\n") + 1
        os.ftruncate(self._file, whole)

    def write(self, request: Received) -> int:
        """Note an attempt, durably; the HTTP status to answer with."""
        key, body = request.headers.get("idempotency-key", ""), request.body.decode("utf-8", "backslashreplace")
        first = key not in self._bodies
        agrees = self._bodies.setdefault(key, body) == body
        self._number += 1
        at = time.time_ns() // 1000
        line = {"number": self._number, "key": key, "body": body, "applied": first, "at": at}
        os.write(self._file, json.dumps(line).encode() + b"\n")
        os.fsync(self._file)
        return 200 if agrees else 409

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


async def serve(port: int, path: Path, *, delay: float = 0.0) -> None:
    """Receive until cancelled; ``delay`` is the pause in seconds between writing down and answering."""
    ledger = Ledger(path)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await read_request(reader, number=0, connection=0):
                status = ledger.write(request) if request.method == "POST" else 200
                await asyncio.sleep(delay)
                writer.write(http_reply(status, b'{"received": true}'))
                await writer.drain()
        except (ConnectionError, ValueError):
            pass  # the sender was killed, or never spoke HTTP: what it sent is written down
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port, limit=2**20, backlog=1024)
    sys.stdout.write(f"receiving on http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    try:
        async with server:
            await server.serve_forever()
    finally:
        ledger.close()


def main() -> None:
    """Run as a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m leitstand.testing.receiver", description="A webhook receiver.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--ledger", type=Path, required=True, help="file to append to")
    parser.add_argument("--delay-ms", type=int, default=0, help="pause before each reply in milliseconds")
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.port, chosen.ledger, delay=chosen.delay_ms / 1000))


if __name__ == "__main__":
    main()
