"""What does a backfill do: how fast are rows taken and cases done, does memory stay flat, do people still get answers?

    python bench/backfill.py [--store sqlite|postgres] [--rows 20000] [--kill]

The model is the scripted one, which answers at once, so that everything measured is Leitstand's own. On SQLite a
server takes the rows while a client asks one question after another and waits for each answer: its latencies with and
without the backfill are printed. On PostgreSQL (of its own, from the wheel) one process serves and a second works.
With ``--kill`` the submitting process and one worker are killed with SIGKILL in the middle, and the same commands go
on: the counts at the end say whether each row is exactly one case. The exit code is 1 when one is not.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from leitstand.domain.statistics import percentile
from leitstand.testing.ports import free_port
from leitstand.testing.postgres_server import PostgresServer

LEITSTAND = str(Path(sys.executable).with_name("leitstand"))
WORKFLOW = Path(__file__).parents[1] / "tests" / "chaos" / "workflow"
QUESTION = b'{"input": {"question": "When does the harbour close?", "number": 1}}'
PATH = "/v1/workflows/chaos/cases?wait=30"
ASKED = 200
"""Questions of the client that waits, one after another."""


@dataclass(kw_only=True)
class Processes:
    """The processes of a run by name, and their resident memory in MiB, a value a second."""

    folder: Path
    environment: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    memory: dict[str, list[float]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """A ``leitstand`` command with a data folder of its own; what it says is kept beside it."""
        data = self.folder / (name if "LEITSTAND_DATABASE_URL" in self.environment else "data")
        environment = {**os.environ, **self.environment, "LEITSTAND_DATA": str(data), "LEITSTAND_LANGUAGE": "en"}
        with (self.folder / f"{name}.out").open("ab") as out, (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen([LEITSTAND, *arguments], env=environment, stdout=out, stderr=log)
        self.running[name] = process
        return process

    def kill(self, name: str) -> None:
        """End a process as a crash would."""
        self.running[name].kill()
        self.running[name].wait()

    def finish(self, name: str) -> dict[str, Any]:
        """Wait for a command and read the JSON that it printed last."""
        code = self.running[name].wait()
        said = (self.folder / f"{name}.out").read_text()
        if code:
            raise RuntimeError(f"{name} left with {code}: {(self.folder / f'{name}.log').read_text()[-2000:]}")
        found: dict[str, Any] = json.loads(said[said.rindex("\n{") if "\n{" in said else 0 :])
        return found

    def look(self) -> None:
        """Note the memory of everything that runs."""
        for name, process in list(self.running.items()):
            if process.poll() is None:
                with contextlib.suppress(OSError, ValueError):
                    self.memory.setdefault(name, []).append(resident(process.pid))


def resident(pid: int) -> float:
    """Resident memory of a process in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} has no memory")


@contextlib.contextmanager
def watched(processes: Processes) -> Iterator[None]:
    """Look at the memory each second; end every process at the end."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(1):
            processes.look()

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()
        for process in processes.running.values():
            process.send_signal(signal.SIGTERM)
        for process in processes.running.values():
            process.wait(60)


def write_rows(path: Path, count: int) -> None:
    """Distinct rows as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(f'{{"question": "When does the harbour close on day {number}?", "number": {number}}}\n')


def show_memory(memory: dict[str, list[float]]) -> None:
    """Memory of each process after its first seconds, in the middle, at the end, and its highest."""
    print(f"{'memory in MiB':<24} {'seconds':>7} {'start':>7} {'middle':>7} {'end':>7} {'highest':>8}")
    for name, values in memory.items():
        start, middle, end = values[min(5, len(values) - 1)], values[len(values) // 2], values[-1]
        print(f"{name:<24} {len(values):>7} {start:>7.0f} {middle:>7.0f} {end:>7.0f} {max(values):>8.0f}")


def ask(port: int, count: int = ASKED) -> list[float]:
    """Milliseconds until each answer to questions asked one after another over one connection."""
    connection, waits = HTTPConnection("127.0.0.1", port, timeout=60), []
    for _ in range(count):
        began = time.perf_counter()
        connection.request("POST", PATH, QUESTION, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        body = reply.read()
        waits.append((time.perf_counter() - began) * 1000)
        if reply.status != 201 or b'"status":"open"' in body:
            raise RuntimeError(body.decode())
    connection.close()
    return waits


def served(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when the process answers."""
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("the server ended")


def prepared_workflow(folder: Path) -> Path:
    """The workflow of the chaos run, without its delay, its sample and its webhook."""
    copy = folder / "workflow"
    shutil.copytree(WORKFLOW, copy)
    definition = copy / "workflow.toml"
    text = definition.read_text().replace("delay_ms = 40", "delay_ms = 0").replace("sample_percent = 20.0", "")
    definition.write_text(re.sub(r'kind = "webhook"\nurl = .*', 'kind = "caller"', text))
    return copy


def on_sqlite(folder: Path, rows: int, port: int) -> int:
    """A server, a backfill, and somebody who waits for answers meanwhile."""
    workflow = prepared_workflow(folder)
    write_rows(folder / "rows.jsonl", rows)
    processes = Processes(folder=folder, environment={})
    with watched(processes):
        server = processes.start("serve", "serve", str(workflow), "--port", str(port))
        served(port, server)
        ask(port)
        show_latency("alone", ask(port, 3 * ASKED))
        began = time.monotonic()
        submit = processes.start(
            "submit",
            "submit",
            "chaos",
            "--from",
            str(folder / "rows.jsonl"),
            "--wait",
            "--json",
            "--max-queued",
            "2000",
        )
        waits: list[float] = []
        while submit.poll() is None:
            waits += ask(port, ASKED // 10)
        seconds = time.monotonic() - began
        show_latency("with a backfill", waits)
        told = processes.finish("submit")
    return show_counts(told, rows, seconds, processes)


def show_latency(name: str, waits: list[float]) -> None:
    """One line of latencies."""
    p50, p99 = percentile(waits, 0.5), percentile(waits, 0.99)
    print(f"{name:<24} p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  (n = {len(waits)})")


def show_counts(told: dict[str, Any], rows: int, seconds: float, processes: Processes) -> int:
    """What the last submission said; 1 when its cases are not as many as the rows."""
    statuses = told["statuses"]
    print(f"rows taken: {told['rate']:.0f}/s   cases done: {rows / seconds:.0f}/s over {seconds:.1f} s")
    print(f"cases by status: {json.dumps(statuses)}")
    show_memory(processes.memory)
    complete = sum(statuses.values()) == rows and not statuses.get("open") and not statuses.get("delivering")
    return 0 if complete else 1


def on_postgres(folder: Path, rows: int, port: int, *, kill: bool) -> int:
    """One process that serves and works, one that works, one that submits; ``kill`` ends the last two in the middle."""
    workflow = prepared_workflow(folder)
    write_rows(folder / "rows.jsonl", rows)
    submitting = ("submit", "chaos", "--from", str(folder / "rows.jsonl"), "--wait", "--json")
    with PostgresServer(durable=True, settings={"shared_buffers": "256MB", "max_wal_size": "4GB"}) as database:
        environment = {"LEITSTAND_DATABASE_URL": database.url(), "LEITSTAND_KEYS": str(folder / "keys")}
        processes = Processes(folder=folder, environment=environment)
        with watched(processes):
            server = processes.start("serve", "serve", str(workflow), "--port", str(port))
            served(port, server)
            processes.start("work", "work")
            began = time.monotonic()
            processes.start("submit", *submitting)
            if kill:
                until_cases(database, rows // 2, processes.running["submit"])
                for name in ("submit", "work"):
                    processes.kill(name)
                print(
                    f"killed submit and work after {time.monotonic() - began:.1f} s: {cases_of(database)} cases there"
                )
                processes.start("work again", "work")
                processes.start("submit again", *submitting)
            told = processes.finish("submit again" if kill else "submit")
            seconds = time.monotonic() - began
        code = show_counts(told, rows, seconds, processes)
        return code or show_rows(database, rows)


CASES = """
SELECT count(*), count(DISTINCT case_id), count(*) FILTER (WHERE status IN ('open', 'delivering'))
FROM cases WHERE job <> ''
"""
KEYS = "SELECT count(*), count(DISTINCT case_id) FROM idempotency_keys"
ENDS = """
SELECT count(*), max(n) FROM (
    SELECT case_id, count(*) AS n FROM events
    WHERE convert_from(payload, 'UTF8') LIKE '%"type":"case.delivered"%' GROUP BY case_id
) AS ends
"""


def show_rows(database: PostgresServer, rows: int) -> int:
    """What the database says itself; 1 unless each row is one case that has ended once."""
    cases, distinct, unfinished = map(int, database.sql(CASES).split("|"))
    keys, behind = map(int, database.sql(KEYS).split("|"))
    ended, most = map(int, database.sql(ENDS).split("|"))
    print(f"cases {cases}, distinct {distinct}, unfinished {unfinished}; keys {keys}, cases behind them {behind}")
    print(f"delivered {ended}, none more often than {most} time(s)")
    return 0 if (cases, distinct, unfinished, keys, behind, most) == (rows, rows, 0, rows, rows, 1) else 1


def cases_of(database: PostgresServer) -> int:
    """How many cases there are."""
    return int(database.sql("SELECT count(*) FROM cases"))


def until_cases(database: PostgresServer, count: int, process: subprocess.Popen[bytes]) -> None:
    """Return when there are so many cases."""
    while cases_of(database) < count:
        if process.poll() is not None:
            raise RuntimeError("everything was submitted before the kill")
        time.sleep(1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A backfill beside people who wait, and through a crash.")
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kill", action="store_true", help="kill the submitter and a worker in the middle (postgres)")
    parser.add_argument("--folder", type=Path, help="keep everything here")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="leitstand-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    print(f"{given.rows} rows, {given.store}{', with kills' if given.kill else ''}")
    try:
        code = (
            on_sqlite(folder, given.rows, port)
            if given.store == "sqlite"
            else on_postgres(folder, given.rows, port, kill=given.kill)
        )
    finally:
        if not given.folder:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
