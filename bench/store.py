"""How fast do the stores keep cases, beside a bare group-commit loop on the same disk in the same run?

    python bench/store.py [--cases 2000] [--rounds 3] [--folder DIR]

A case here is what the store sees of one: three durable writes (accepted; before the model call; all the rest) with
nine events and five sealed contents. The bare loop writes the same number of journal, content and case rows, the cases
in flight in one transaction, without keys, encryption, fences, tenants or waiting tasks. CPU is that of all threads of
this process: PostgreSQL's own is not in it, and its server is one of its own that syncs every commit to the same disk.
Rounds alternate; each figure is the median of the rounds with the lowest and the highest behind it.
"""

import argparse
import asyncio
import itertools
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvloop

from leitstand.domain.event import CaseChecked, CaseRetrieved
from leitstand.domain.guardrail import Outcome
from leitstand.encoding import encode_event
from leitstand.ports import Change, Database, Stores
from leitstand.stores.postgres import own
from leitstand.stores.sqlite import open_store
from leitstand.testing.postgres_server import PostgresServer
from leitstand.testing.store_cases import (
    ANSWERED,
    DELIVERED,
    DRAFTED,
    INTENDED,
    NORMALISED,
    Opening,
    decided,
    opening,
    then,
)
from leitstand.testing.store_contract import now

IN_FLIGHT = (1, 16, 64)
CONTENT = b"x" * 600
RETRIEVED = CaseRetrieved(index_id="a" * 64, passages=(), duration=1)
CHECKED = CaseChecked(verdicts=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One round: cases a second, CPU microseconds a case, milliseconds of each durable write, transactions a case."""

    rate: float
    cpu: float
    waits: list[float]
    commits: float


def changes_of_a_case() -> tuple[Change, Change, Change]:
    """The three durable writes of a case."""
    first = opening(Opening(at=now()), {"input": CONTENT})
    before_call = then(
        first.case, now(), NORMALISED, RETRIEVED, INTENDED, contents={"normalised": CONTENT, "prompt.0": CONTENT}
    )
    bodies = (ANSWERED, DRAFTED, CHECKED, decided(Outcome.DELIVER), DELIVERED)
    return first, before_call, then(before_call.case, now(), *bodies, contents={"draft": CONTENT, "findings": CONTENT})


async def on_sqlite(folder: Path, cases: int, in_flight: int) -> Measured:
    """The SQLite store under load."""
    return await with_the_store(open_store(folder / "leitstand.db", address="", clock=now), cases, in_flight)


async def on_postgres(folder: Path, url: str, cases: int, in_flight: int) -> Measured:
    """The PostgreSQL store under load."""
    database = Database(path=folder, url=url, keys=folder / "keys", address="", clock=now)
    return await with_the_store(await own(database), cases, in_flight)


async def with_the_store(stores: Stores, cases: int, in_flight: int) -> Measured:
    """A store under ``in_flight`` tasks."""
    work = iter([changes_of_a_case() for _ in range(cases)])
    waits: list[float] = []

    async def lane() -> None:
        for first, *others in work:
            began = time.perf_counter()
            await stores.cases.open(first, None)
            waits.append(time.perf_counter() - began)
            for change in others:
                began = time.perf_counter()
                await stores.cases.append(change, due_to=change.events[0].seq - 1)
                waits.append(time.perf_counter() - began)

    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(in_flight)))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    commits = stores.figures()["commits"]
    await stores.close()
    return Measured(
        rate=cases / took, cpu=cpu / cases * 1e6, waits=[wait * 1e3 for wait in waits], commits=commits / cases
    )


SCHEMA = """
CREATE TABLE cases (id INTEGER PRIMARY KEY, case_id TEXT UNIQUE, status TEXT, seq INTEGER, detail TEXT);
CREATE TABLE events (id INTEGER PRIMARY KEY, case_id TEXT, seq INTEGER, payload BLOB);
CREATE UNIQUE INDEX events_by_case ON events (case_id, seq);
CREATE TABLE contents (id INTEGER PRIMARY KEY, case_id TEXT, name TEXT, payload BLOB);
CREATE UNIQUE INDEX contents_by_case ON contents (case_id, name);
"""


def bare(folder: Path, cases: int, in_flight: int) -> Measured:
    """A loop that writes the same rows, ``in_flight`` cases a transaction, and does nothing else."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(SCHEMA)
    work = iter([rows_of_a_case() for _ in range(cases)])
    waits: list[float] = []
    cpu, began = time.process_time(), time.perf_counter()
    while batch := list(itertools.islice(work, in_flight)):
        for step in range(3):
            write_began = time.perf_counter()
            write_batch(connection, [case[step] for case in batch])
            waits += [time.perf_counter() - write_began] * len(batch)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    connection.close()
    commits = 3 / in_flight
    return Measured(rate=cases / took, cpu=cpu / cases * 1e6, waits=[wait * 1e3 for wait in waits], commits=commits)


Rows = tuple[tuple[object, ...], list[tuple[object, ...]], list[tuple[object, ...]]]


def rows_of_a_case() -> list[Rows]:
    """The rows of each of the three writes."""
    rows = []
    for change in changes_of_a_case():
        case = change.case
        events = [(case.case_id, event.seq, encode_event(event)) for event in change.events]
        contents = [(case.case_id, content.name, content.payload) for content in change.contents]
        rows.append(((case.status.value, case.seq, "d" * 300, case.case_id), events, contents))
    return rows


def write_batch(connection: sqlite3.Connection, writes: list[Rows]) -> None:
    """One transaction with a write of each case."""
    connection.execute("BEGIN IMMEDIATE")
    for row, events, contents in writes:
        write_bare(connection, row, events, contents)
    connection.execute("COMMIT")


def write_bare(
    connection: sqlite3.Connection, row: tuple[object, ...], events: list[object], contents: list[object]
) -> None:
    """One write of one case."""
    if row[1] == 1:
        connection.execute("INSERT INTO cases (status, seq, detail, case_id) VALUES (?, ?, ?, ?)", row)
    else:
        connection.execute("UPDATE cases SET status = ?, seq = ?, detail = ? WHERE case_id = ?", row)
    connection.executemany("INSERT INTO events (case_id, seq, payload) VALUES (?, ?, ?)", events)
    connection.executemany("INSERT INTO contents (case_id, name, payload) VALUES (?, ?, ?)", contents)


def spread(values: list[float], digits: int = 0) -> str:
    """Median with lowest and highest."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def cells(stores: list[Measured], bares: list[Measured]) -> Iterator[str]:
    """The cells of one row of the table."""
    yield spread([round_.rate for round_ in stores])
    yield spread([round_.rate for round_ in bares])
    yield spread([store.rate / loop.rate for store, loop in zip(stores, bares, strict=True)], 2)
    yield spread([round_.cpu for round_ in stores])
    yield spread([round_.cpu for round_ in bares])
    yield spread([store.cpu / loop.cpu for store, loop in zip(stores, bares, strict=True)], 2)
    waits = sorted(itertools.chain.from_iterable(round_.waits for round_ in stores))
    yield f"{waits[len(waits) // 2]:.2f} / {waits[len(waits) * 99 // 100]:.2f}"
    yield spread([round_.commits for round_ in stores], 2)


HEADS = (
    ("in flight", "store"),
    ("cases/s", "bare cases/s", "ratio"),
    ("CPU us", "bare CPU us", "ratio"),
    ("p50 / p99 ms", "commits"),
)


def measure(server: PostgresServer, folder: Path, cases: int, rounds: int) -> None:
    """Print the table."""
    heads = tuple(itertools.chain.from_iterable(HEADS))
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before"
    libraries = f"SQLite {sqlite3.sqlite_version}, PostgreSQL {server.version}"
    print(f"{libraries}, {machine}, {cases} cases x {rounds} rounds\n")
    print("| " + " | ".join(heads) + " |")
    print("|" + "--:|" * len(heads))
    for in_flight in IN_FLIGHT:
        found: dict[str, list[Measured]] = {"SQLite": [], "PostgreSQL": []}
        bares = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(dir=folder) as name:
                place = Path(name)
                found["SQLite"].append(uvloop.run(on_sqlite(place, cases, in_flight)))
                bares.append(bare(place, cases, in_flight))
                url = server.database()
                found["PostgreSQL"].append(uvloop.run(on_postgres(place / "postgres", url, cases, in_flight)))
                server.drop(url)
        for store, measured in found.items():
            print(f"| {in_flight} | {store} | " + " | ".join(cells(measured, bares)) + " |", flush=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--cases", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--folder", type=Path, default=None, help="where the databases lie; a real disk, please")
    given = options.parse_args()
    with PostgresServer(durable=True, settings={"shared_buffers": "256MB", "max_wal_size": "4GB"}) as its_own:
        measure(its_own, given.folder, given.cases, given.rounds)
