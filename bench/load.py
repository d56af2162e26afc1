"""How much can a program answer when a number of requests is always in flight, and how long does each wait?

The client is one asyncio protocol per connection on uvloop, with the request made once and the answer only searched
for its end, so that it costs a fraction of what the cheapest program under test costs; ``goals.py`` prints that share.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

import uvloop
from bench.request import Request

from leitstand.domain.statistics import percentile

PATIENCE = 30.0
"""Seconds that an answer may take before its request counts as failed."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LAST_CHUNK = b"\r\n0\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What a load came to: answers a second, milliseconds at p50 and p99, failures, and the first of them."""

    answers: int
    seconds: float
    p50: float
    p99: float
    failures: int
    failure: str
    events: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


def load(ports: Sequence[int], request: Request, in_flight: int, seconds: float) -> Answered:
    """Keep ``in_flight`` requests on the way for so many seconds, one connection each, shared among the ports."""
    return uvloop.run(_load(_Run(request), ports, in_flight, seconds))


async def _load(run: "_Run", ports: Sequence[int], in_flight: int, seconds: float) -> Answered:
    began = time.perf_counter()
    run.until = began + seconds
    lanes = [asyncio.create_task(run.lane(port)) for port, _ in zip(cycle(ports), range(in_flight), strict=False)]
    _, late = await asyncio.wait(lanes, timeout=seconds + PATIENCE)
    for lane in late:
        lane.cancel()
        run.failed("no answer in time")
    elapsed = time.perf_counter() - began
    p50, p99 = (percentile(run.waits, share) * 1000 if run.waits else float("nan") for share in (0.5, 0.99))
    return Answered(
        answers=len(run.waits),
        seconds=elapsed,
        p50=p50,
        p99=p99,
        failures=run.failures,
        failure=run.failure,
        events=run.events,
    )


class _Run:
    """What the lanes of one load share."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.must = request.must
        self.until = 0.0
        self.waits: list[float] = []
        self.events = 0
        self.failures = 0
        self.failure = ""

    def failed(self, why: str) -> None:
        """Count a failure and remember the first one."""
        self.failures += 1
        self.failure = self.failure or why

    async def lane(self, port: int) -> None:
        """One connection, opened again when it breaks, until the time is over."""
        loop, payload = asyncio.get_running_loop(), self.request.payload(port)
        while time.perf_counter() < self.until:
            try:
                transport, lane = await loop.create_connection(lambda: _Lane(self, payload), "127.0.0.1", port)
                await lane.over
                transport.close()
            except OSError as error:
                self.failed(str(error))
                await asyncio.sleep(0.01)


class _Lane(asyncio.Protocol):
    """One request after another on one connection."""

    def __init__(self, run: _Run, payload: bytes) -> None:
        self._run = run
        self._payload = payload
        self._answer = bytearray()
        self._end = 0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._send()

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        answer += data
        if not self._end:
            self._end = _end_of(answer)
        complete = len(answer) >= self._end if self._end > 0 else self._end and answer.endswith(_LAST_CHUNK)
        if not complete:
            return
        self._take(answer)
        if time.perf_counter() < self._run.until:
            self._send()
        elif not self.over.done():
            self.over.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self._run.failed(str(exc or "the connection was closed"))
            self.over.set_result(None)

    def _send(self) -> None:
        self._answer.clear()
        self._end = 0
        self._began = time.perf_counter()
        self._transport.write(self._payload)

    def _take(self, answer: bytearray) -> None:
        run = self._run
        if answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")) and run.must in answer:
            run.waits.append(time.perf_counter() - self._began)
            if self._end < 0:
                run.events += answer.count(b"data: ")
        else:
            run.failed(answer[:400].decode(errors="replace"))


def _end_of(answer: bytearray) -> int:
    """Where the answer ends: its length, -1 when only its last chunk tells, 0 as long as the head is not complete."""
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return 0
    length = _LENGTH.search(answer, 0, head)
    return head + 4 + int(length[1]) if length else -1
