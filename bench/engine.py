"""What does a whole case cost, from its durable acceptance through every step and every guard to its delivery?

    python -m bench.engine [--cases 2000] [--seconds 3] [--rounds 3]

Three things are measured in the same run, in alternating rounds, each server in a process of its own on core 0 and the
client on core 1 (where there are two): Leitstand with the scripted model that answers at once, over HTTP with
``?wait``; a bare ASGI echo on the same uvicorn, uvloop and httptools; and a bare loop that commits one row a case to
SQLite in groups (WAL, synchronous FULL). Each figure is the median of the rounds. Milliseconds are what the client
waits for its answer; since the model takes no time, all of it is added.
"""

import argparse
import asyncio
import re
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvloop
from bench.load import load
from bench.peers import Place, asgi
from bench.peers.leitstand_case import DELIVERED, serving
from bench.processes import LOAD, ROOT, Program, Start, pin_to, running
from bench.request import Request

from leitstand.domain.statistics import percentile
from leitstand.testing.ports import free_port

IN_FLIGHT = (1, 16, 64)
WORKFLOW = ROOT / "tests" / "chaos" / "workflow"
QUESTION = b'{"input": {"question": "When does the harbour close?", "number": 1}}'
CASE = Request(path="/v1/workflows/chaos/cases?wait=30", body=QUESTION, must=DELIVERED)
ECHO = Request(path="/", body=QUESTION)


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One round at one load: requests a second, milliseconds at p50 and p99, CPU microseconds a request."""

    rate: float
    p50: float
    p99: float
    cpu: float


def over_http(program: Program, request: Request, seconds: float, in_flight: int) -> Round:
    """Load on a server."""
    cpu = program.cpu_seconds()
    answered = load((program.port,), request, in_flight, seconds)
    if answered.failures:
        raise RuntimeError(answered.failure)
    cpu = program.cpu_seconds() - cpu
    return Round(rate=answered.rate, p50=answered.p50, p99=answered.p99, cpu=cpu / answered.answers * 1e6)


def figures(waits: list[float], elapsed: float, cpu: float) -> Round:
    """The round behind these waits in seconds."""
    p50, p99 = (percentile(waits, share) * 1000 for share in (0.5, 0.99))
    return Round(rate=len(waits) / elapsed, p50=p50, p99=p99, cpu=cpu / len(waits) * 1e6)


def bare_commits(folder: Path, cases: int, in_flight: int) -> Round:
    """One row a case, committed together with those that wait: what the disk and SQLite allow."""

    async def all_of_it() -> list[float]:
        connection = sqlite3.connect(folder / "bare.db", isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, payload BLOB)")
        queue: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()
        waits: list[float] = []
        committing = asyncio.create_task(commit_in_groups(connection, queue))
        count = iter(range(cases))
        await asyncio.gather(*(wait_for_commits(queue, count, waits) for _ in range(in_flight)))
        committing.cancel()
        connection.close()
        return waits

    cpu, began = time.process_time(), time.perf_counter()
    waits = uvloop.run(all_of_it())
    return figures(waits, time.perf_counter() - began, time.process_time() - cpu)


async def wait_for_commits(
    queue: asyncio.Queue[asyncio.Future[None]], count: Iterator[int], waits: list[float]
) -> None:
    """One case after another, each one awaited commit."""
    for _ in count:
        done = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await queue.put(done)
        await done
        waits.append(time.perf_counter() - began)


async def commit_in_groups(connection: sqlite3.Connection, queue: asyncio.Queue[asyncio.Future[None]]) -> None:
    """Everything in the queue in one transaction, then wake its waiters."""

    def commit(rows: int) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO rows (payload) VALUES (?)", [(QUESTION,)] * rows)
        connection.execute("COMMIT")

    while True:
        group = [await queue.get()]
        while not queue.empty():
            group.append(queue.get_nowait())
        await asyncio.to_thread(commit, len(group))
        for done in group:
            done.set_result(None)


def prepared_workflow(folder: Path) -> Path:
    """The workflow of the chaos run, without its delay, its sample and its webhook."""
    copy = folder / "workflow"
    shutil.copytree(WORKFLOW, copy)
    definition = copy / "workflow.toml"
    text = definition.read_text().replace("delay_ms = 40", "delay_ms = 0").replace("sample_percent = 20.0", "")
    definition.write_text(re.sub(r'kind = "webhook"\nurl = .*', 'kind = "caller"', text))
    return copy


def place(folder: Path, name: str) -> Place:
    """Where a server of this environment runs."""
    (folder / name).mkdir()
    return Place(environment=Path(sys.prefix), port=free_port(), folder=folder / name, upstream="")


def measure(folder: Path, given: argparse.Namespace) -> dict[str, dict[int, list[Round]]]:
    """All rounds by what was measured and by load."""
    ours, bare = place(folder, "leitstand"), place(folder, "echo")
    command = serving(ours, prepared_workflow(folder))
    results: dict[str, dict[int, list[Round]]] = {
        name: {in_flight: [] for in_flight in IN_FLIGHT} for name in ("case", "echo", "commit")
    }
    with (
        running(Start(command=command, port=ours.port, folder=ours.folder, first=CASE)) as case,
        running(Start(command=asgi(bare, "echo", lifespan="off"), port=bare.port, folder=bare.folder)) as echo,
    ):
        over_http(case, CASE, 1.0, 16)
        for in_flight in IN_FLIGHT * given.rounds:
            results["case"][in_flight].append(over_http(case, CASE, given.seconds, in_flight))
            results["echo"][in_flight].append(over_http(echo, ECHO, given.seconds, in_flight))
            results["commit"][in_flight].append(bare_commits(folder, given.cases, in_flight))
    return results


def median(rounds: list[Round], name: str) -> float:
    """The median of one figure over the rounds."""
    return float(statistics.median(getattr(one, name) for one in rounds))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Whole cases beside a bare ASGI echo and a bare group-commit loop.")
    parser.add_argument("--cases", type=int, default=2000, help="commits of one round of the bare loop")
    parser.add_argument("--seconds", type=float, default=3.0, help="of one round of the servers")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    pin_to(LOAD)
    with tempfile.TemporaryDirectory(prefix="leitstand-bench-", ignore_cleanup_errors=True) as folder:
        results = measure(Path(folder), given)
    print(f"{given.rounds} rounds of {given.seconds:g} s, medians")
    print(
        f"{'in flight':>9} {'cases/s':>8} {'p50 ms':>7} {'p99 ms':>7} {'CPU us':>7} {'of echo':>8} {'of commits':>10}"
    )
    for in_flight in IN_FLIGHT:
        case, bare, commits = (results[name][in_flight] for name in ("case", "echo", "commit"))
        rate = median(case, "rate")
        shares = f"{rate / median(bare, 'rate'):>8.3f} {rate / median(commits, 'rate'):>10.3f}"
        waits = f"{median(case, 'p50'):>7.2f} {median(case, 'p99'):>7.2f} {median(case, 'cpu'):>7.0f}"
        print(f"{in_flight:>9} {rate:>8.0f} {waits} {shares}")
    for name in ("echo", "commit"):
        rates = ", ".join(f"{load}: {median(results[name][load], 'rate'):.0f}/s" for load in IN_FLIGHT)
        print(f"bare {name}: {rates}")


if __name__ == "__main__":
    main()
