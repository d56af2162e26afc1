"""What does a whole case cost, from its durable acceptance through every step and every guard to its delivery?

    python bench/engine.py [--cases 2000] [--rounds 3]

Three things are measured in the same run, in alternating rounds, each server in a process of its own on core 0 and the
client on core 1 (where there are two): Leitstand with the scripted model that answers at once, over HTTP with
``?wait``; a bare ASGI echo on the same uvicorn, uvloop and httptools; and a bare loop that commits one row a case to
SQLite in groups (WAL, synchronous FULL). Each figure is the median of the rounds. Milliseconds are what the client
waits for its answer; since the model takes no time, all of it is added.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvloop

from leitstand.domain.statistics import percentile

IN_FLIGHT = (1, 16, 64)
WORKFLOW = Path(__file__).parents[1] / "tests" / "chaos" / "workflow"
QUESTION = json.dumps({"input": {"question": "When does the harbour close?", "number": 1}}).encode()
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One round at one load: requests a second, milliseconds at p50 and p99, CPU microseconds a request."""

    rate: float
    p50: float
    p99: float
    cpu: float


def request(path: str, port: int) -> bytes:
    """A POST as bytes."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(QUESTION)}\r\n\r\n".encode() + QUESTION


async def ask(port: int, payload: bytes, count: Iterator[int], waits: list[float]) -> None:
    """One connection that sends request after request until ``count`` is used up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in count:
        began = time.perf_counter()
        writer.write(payload)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1]) if length else 0)
        waits.append(time.perf_counter() - began)
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")) or b'"status":"open"' in body:
            raise RuntimeError((head + body).decode())
    writer.close()


def over_http(port: int, pid: int, path: str, cases: int, in_flight: int) -> Round:
    """Load on a server at ``port``."""

    async def all_of_it() -> list[float]:
        waits: list[float] = []
        count = iter(range(cases))
        await asyncio.gather(*(ask(port, request(path, port), count, waits) for _ in range(in_flight)))
        return waits

    cpu, began = cpu_seconds(pid), time.perf_counter()
    waits = uvloop.run(all_of_it())
    elapsed = time.perf_counter() - began
    return figures(waits, elapsed, cpu_seconds(pid) - cpu)


def figures(waits: list[float], elapsed: float, cpu: float) -> Round:
    """The round behind these waits in seconds."""
    p50, p99 = (percentile(waits, share) * 1000 for share in (0.5, 0.99))
    return Round(rate=len(waits) / elapsed, p50=p50, p99=p99, cpu=cpu / len(waits) * 1e6)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


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


async def echo(_scope: dict[str, object], receive: Callable[..., object], send: Callable[..., object]) -> None:
    """The barest ASGI application that reads a body and answers with it."""
    message = await receive()  # type: ignore[misc]
    length = (b"content-length", str(len(message["body"])).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})  # type: ignore[misc]
    await send({"type": "http.response.body", "body": message["body"]})  # type: ignore[misc]


@contextlib.contextmanager
def server(arguments: list[str], port: int) -> Iterator[int]:
    """A process on core 0 that listens on ``port``; its id."""
    pinned = ["taskset", "-c", "0", *arguments] if (os.cpu_count() or 1) > 1 and shutil.which("taskset") else arguments
    process = subprocess.Popen(
        [sys.executable if part == "python" else part for part in pinned], stderr=subprocess.PIPE
    )
    try:
        wait_for_port(port, process)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Return when something listens."""
    for _ in range(int(seconds * 20)):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise RuntimeError(process.stderr.read().decode() if process.stderr else "the server ended")
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on {port}")


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepared_workflow(folder: Path) -> Path:
    """The workflow of the chaos run, without its delay, its sample and its webhook."""
    copy = folder / "workflow"
    shutil.copytree(WORKFLOW, copy)
    definition = copy / "workflow.toml"
    text = definition.read_text().replace("delay_ms = 40", "delay_ms = 0").replace("sample_percent = 20.0", "")
    definition.write_text(re.sub(r'kind = "webhook"\nurl = .*', 'kind = "caller"', text))
    return copy


def measure(folder: Path, cases: int, rounds: int) -> dict[str, dict[int, list[Round]]]:
    """All rounds by what was measured and by load."""
    leitstand_port, echo_port = free_port(), free_port()
    command = [str(Path(sys.executable).with_name("leitstand")), "serve", str(prepared_workflow(folder))]
    leitstand = [*command, "--data", str(folder / "data"), "--port", str(leitstand_port)]
    bare = [
        "python",
        "-m",
        "uvicorn",
        "bench.engine:echo",
        "--port",
        str(echo_port),
        "--no-access-log",
        "--lifespan",
        "off",
    ]
    results: dict[str, dict[int, list[Round]]] = {
        name: {load: [] for load in IN_FLIGHT} for name in ("case", "echo", "commit")
    }
    path = "/v1/workflows/chaos/cases?wait=30"
    with server(leitstand, leitstand_port) as case_pid, server([*bare, "--log-level", "error"], echo_port) as echo_pid:
        time.sleep(2)
        over_http(leitstand_port, case_pid, path, 200, 16)
        for _ in range(rounds):
            for load in IN_FLIGHT:
                count = cases if load > 1 else cases // 4
                results["case"][load].append(over_http(leitstand_port, case_pid, path, count, load))
                results["echo"][load].append(over_http(echo_port, echo_pid, "/", count, load))
                results["commit"][load].append(bare_commits(folder, count, load))
    return results


def median(rounds: list[Round], name: str) -> float:
    """The median of one figure over the rounds."""
    return statistics.median(getattr(one, name) for one in rounds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Whole cases beside a bare ASGI echo and a bare group-commit loop.")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {1})
    with tempfile.TemporaryDirectory(prefix="leitstand-bench-", ignore_cleanup_errors=True) as folder:
        results = measure(Path(folder), given.cases, given.rounds)
    print(f"{given.cases} cases ({given.cases // 4} at 1 in flight), {given.rounds} rounds, medians")
    print(
        f"{'in flight':>9} {'cases/s':>8} {'p50 ms':>7} {'p99 ms':>7} {'CPU us':>7} {'of echo':>8} {'of commits':>10}"
    )
    for load in IN_FLIGHT:
        case, bare, commits = (results[name][load] for name in ("case", "echo", "commit"))
        rate = median(case, "rate")
        shares = f"{rate / median(bare, 'rate'):>8.3f} {rate / median(commits, 'rate'):>10.3f}"
        waits = f"{median(case, 'p50'):>7.2f} {median(case, 'p99'):>7.2f} {median(case, 'cpu'):>7.0f}"
        print(f"{load:>9} {rate:>8.0f} {waits} {shares}")
    for name in ("echo", "commit"):
        rates = ", ".join(f"{load}: {median(results[name][load], 'rate'):.0f}/s" for load in IN_FLIGHT)
        print(f"bare {name}: {rates}")


if __name__ == "__main__":
    main()
