"""Which driver, and which shape of values, writes a batch with the least work? The same statement sent in four ways.

    python bench/drivers.py [--rounds 5]

asyncpg and psycopg 3 (binary, prepared) insert the same batches of wide rows with a payload each, once with an array
for each column and once with the rows as one JSON array and the payloads beside it; each commit is durable. The server
is one of its own. CPU is that of this process per row; rounds alternate, figures are medians with the lowest and the
highest behind, and the last columns are ratios to asyncpg with JSON.
"""

import argparse
import asyncio
import itertools
import os
import statistics
import time
from collections.abc import Awaitable, Callable

import asyncpg
import msgspec
import psycopg
import uvloop

from leitstand.testing.postgres_server import PostgresServer

TEXTS, NUMBERS, EMPTY = 12, 12, 8
NAMES = [f"c{place}" for place in range(TEXTS + NUMBERS + EMPTY)]
TYPES = ["text"] * TEXTS + ["bigint"] * (NUMBERS + EMPTY)
TABLE = f"CREATE TABLE written ({', '.join(map(' '.join, zip(NAMES, TYPES, strict=True)))}, payload bytea)"
ARRAYS = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(TYPES, 1))
BY_COLUMN = f"INSERT INTO written SELECT * FROM unnest({ARRAYS}, ${len(TYPES) + 1}::bytea[])"
COLUMNS = ", ".join(map(" ".join, zip(NAMES, TYPES, strict=True)))
BY_ROW = (
    f"INSERT INTO written SELECT * FROM ROWS FROM (json_to_recordset($1::json) AS ({COLUMNS}), unnest($2::bytea[]))"
)
BATCHES = (1, 64, 512)
ROWS = 6144
ALONE = 512
"""Statements of one row in a round."""

Send = Callable[[], Awaitable[object]]


def batch(size: int) -> list[dict[str, object]]:
    """Rows as those of cases: short texts, numbers, much that is not there yet."""
    values = ["01a219d3-42b3-7730-ab8a"] * TEXTS + [1_795_729_605_299_966] * NUMBERS + [None] * EMPTY
    return [dict(zip(NAMES, values, strict=True)) for _ in range(size)]


def ways(ours: asyncpg.Connection, theirs: psycopg.AsyncConnection, size: int) -> dict[str, Send]:
    """The four ways; each begins with the rows as the store has them."""
    rows, payloads, encode = batch(size), [b"x" * 400] * size, msgspec.json.Encoder().encode
    by_column, by_row = to_psycopg(BY_COLUMN), to_psycopg(BY_ROW)

    def columns() -> list[list[object]]:
        return [[row[name] for row in rows] for name in NAMES]

    return {
        "asyncpg, JSON": lambda: ours.fetch(BY_ROW, encode(rows).decode(), payloads),
        "asyncpg, arrays": lambda: ours.fetch(BY_COLUMN, *columns(), payloads),
        "psycopg, JSON": lambda: theirs.execute(by_row, [encode(rows).decode(), payloads], prepare=True),
        "psycopg, arrays": lambda: theirs.execute(by_column, [*columns(), payloads], prepare=True),
    }


def to_psycopg(statement: str) -> str:
    """The statement with psycopg's places for binary values; ours stand in order."""
    for place in range(len(TYPES) + 1, 0, -1):
        statement = statement.replace(f"${place}::", "%b::")
    return statement


async def measured(send: Send, size: int) -> tuple[float, float]:
    """Microseconds of CPU a row, and rows a second."""
    times = ROWS // size if size > 1 else ALONE
    cpu, began = time.process_time(), time.perf_counter()
    for _ in range(times):
        await send()
    rows = times * size
    return (time.process_time() - cpu) / rows * 1e6, rows / (time.perf_counter() - began)


async def alternating(
    sends: dict[str, Send], clear: Send, rounds: int, size: int
) -> dict[str, list[tuple[float, float]]]:
    """What each way takes, round by round."""
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in sends}
    for send in sends.values():
        await send()
    for way, send in itertools.chain.from_iterable(itertools.repeat(sends.items(), rounds)):
        found[way].append(await measured(send, size))
        await clear()
    return found


async def measure(url: str, rounds: int) -> None:
    """Print the table."""
    ours = await asyncpg.connect(url)
    theirs = await psycopg.AsyncConnection.connect(url, autocommit=True)
    await ours.execute(TABLE)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before, {rounds} rounds\n")
    print("| rows a statement | way | CPU us a row | rows/s | CPU ratio | rows/s ratio |\n|--:|---|--:|--:|--:|--:|")
    for size in BATCHES:
        found = await alternating(ways(ours, theirs, size), lambda: ours.execute("TRUNCATE written"), rounds, size)
        first = next(iter(found.values()))
        for way, results in found.items():
            print(f"| {size} | {way} | " + " | ".join(cells(results, first)) + " |", flush=True)
    await ours.close()
    await theirs.close()


def cells(results: list[tuple[float, float]], first: list[tuple[float, float]]) -> list[str]:
    """Medians with their spread, and the medians of the ratios round by round."""
    cpus, rates = zip(*results, strict=True)
    ratios = [(cpu / one, rate / other) for (cpu, rate), (one, other) in zip(results, first, strict=True)]
    return [
        f"{statistics.median(cpus):.1f} ({min(cpus):.1f}-{max(cpus):.1f})",
        f"{statistics.median(rates):.0f} ({min(rates):.0f}-{max(rates):.0f})",
        *(f"{statistics.median(ratio):.2f}" for ratio in zip(*ratios, strict=True)),
    ]


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    with PostgresServer(durable=True) as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure(server.url(), given.rounds))
