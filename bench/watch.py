"""What does being watched cost a case?

    python bench/watch.py [JOURNAL] [--cases 20000]

Prints microseconds a case for the counters alone, for the counters of the client library told the same, and for what
OpenTelemetry's thread needs to make its spans; the median of five rounds.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram

from leitstand.domain.case import Case, after, begin
from leitstand.domain.event import Event
from leitstand.encoding import decode_event
from leitstand.exporters.otel import Otel
from leitstand.ports import Change
from leitstand.runtime.tally import Tally

JOURNAL = Path(__file__).parents[1] / "tests/data/events/v2/delivered.jsonl"
ROUNDS = 5
SAVES = (1, 3, 99)
"""Up to which event each save of a case reaches."""


def changes(journal: Path) -> list[Change]:
    """The saves of one case."""
    events = [decode_event(line) for line in journal.read_bytes().splitlines()]
    cases: list[Case] = [begin(events[0])]
    for event in events[1:]:
        cases.append(after(cases[-1], event))
    bounds = [0, *(min(bound, len(events)) for bound in SAVES)]
    pairs = pairwise(bounds)
    return [Change(case=cases[end - 1], events=tuple(events[begun:end])) for begun, end in pairs if begun < end]


class Library:
    """The same counting with the counters of the client library."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self._counter = Counter("events", "-", ("workflow", "type", "value"), registry=registry)
        self._seconds = Histogram("seconds", "-", ("workflow",), registry=registry)

    def saved(self, change: Change) -> None:
        """One counter for each that ``Tally`` touches, and the two durations."""
        for event in change.events:
            for value in _values(event):
                self._counter.labels(change.case.workflow, event.type, value).inc()
            if event.type in ("case.decided", "model_call.finished", "case.retrieved"):
                self._seconds.labels(change.case.workflow).observe(0.1)


def _values(event: Event) -> tuple[str, ...]:
    many = {"model_call.finished": 4, "case.checked": 4, "case.delivered": 2, "case.decided": 1}
    plain = {"case.accepted": 1, "case.drafted": 1}
    return tuple("abcd")[: many.get(event.type, plain.get(event.type, 0))]


def micros(saved: Callable[[Change], None], told: list[Change], cases: int) -> float:
    """Microseconds a case, the median of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for change in told * cases:
            saved(change)
        rounds.append((time.perf_counter() - began) / cases * 1e6)
    return statistics.median(rounds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("journal", nargs="?", type=Path, default=JOURNAL)
    parser.add_argument("--cases", type=int, default=20_000)
    given = parser.parse_args()
    told = changes(given.journal)
    exporter = Otel("http://127.0.0.1:9")
    for name, saved in (
        ("counters", Tally(lambda _: 5.0).saved),
        ("counters of the client library", Library().saved),
        ("spans, on a thread of their own", lambda change: exporter.follow(change.case, change.events)),
    ):
        print(f"{name}: {micros(saved, told, given.cases):.1f} µs a case, n = {ROUNDS} x {given.cases}")
    asyncio.run(exporter.close())


if __name__ == "__main__":
    main()
