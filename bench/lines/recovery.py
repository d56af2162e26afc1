"""How soon does a killed server's work go on?

The witness is the model service: after the kill its count of calls is set to zero, and the first call that then comes
is that of the first case that somebody goes on with. Whether anything is lost or done twice is what `make chaos` says.
"""

import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace

from bench.lines.footprint import restartable
from bench.load import load
from bench.peers.leitstand_case import opening
from bench.postgres import database, pair
from bench.processes import NotRun, Start, launch, ready, running
from bench.programs import Setup
from bench.result import Goal, Line, at_most, judged, not_run

MILLISECONDS = 2000
"""The model takes long, so that a kill meets every case in the middle of its call."""

LEASE_SECONDS = 10
PATIENCE = 60.0
SQLITE = at_most("SQLite: first case goes on, after the restart", 1, "s")
POSTGRES = at_most("PostgreSQL: first case goes on in the other process, after the kill", LEASE_SECONDS + 2, "s")


def measure(setup: Setup) -> Line:
    """As many kills as there are rounds, on each database."""
    return Line(
        name="recovery",
        work="recovery after kill -9",
        goals=[_tried(SQLITE, setup, _on_sqlite), _tried(POSTGRES, setup, _on_postgres)],
        notes=[f"SQLite counts from the moment the new process listens; the lease on PostgreSQL is {LEASE_SECONDS} s."],
    )


def _tried(goal: Goal, setup: Setup, seconds: Callable[[Setup], Iterator[float]]) -> Goal:
    try:
        return judged(goal, list(seconds(setup)))
    except NotRun as why:
        return not_run(goal, str(why))


def _on_sqlite(setup: Setup) -> Iterator[float]:
    """The same server again, on the same file."""
    start = restartable(setup.place("killed", MILLISECONDS), "none")
    listening = replace(start, first=None)
    for _ in range(setup.rounds):
        _kill_at_work(setup, start)
        with running(listening):
            yield _until_a_call(setup)


def _on_postgres(setup: Setup) -> Iterator[float]:
    """Another process, which has nothing of its own to do."""
    with database() as url:
        variables = {"LEITSTAND_LEASE_SECONDS": str(LEASE_SECONDS)}
        first, second = pair(setup, url, MILLISECONDS, variables)
        with running(second):
            for _ in range(setup.rounds):
                _kill_at_work(setup, first)
                yield _until_a_call(setup)


def _kill_at_work(setup: Setup, start: Start) -> None:
    """Start a server, open some dozens of cases, all of which find room in it, and kill it while the model is busy."""
    program = launch(start)
    try:
        ready(program, start)
        load((program.port,), opening(wait=0), 16, 0.05)
    finally:
        program.kill()
    _ask(setup, "forget")


def _until_a_call(setup: Setup) -> float:
    """Seconds until the model service is called."""
    began = time.perf_counter()
    while (waited := time.perf_counter() - began) < PATIENCE:
        if _ask(setup, "calls"):
            return waited
        time.sleep(0.005)
    raise NotRun(f"no case went on within {PATIENCE:.0f} s")


def _ask(setup: Setup, what: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{setup.upstream.port}/{what}", timeout=10) as reply:
        return int(reply.read())
