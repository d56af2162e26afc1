"""Does a case cost more when millions are stored already?

Real cases are made by the server; SQL copies them, with their journals, contents and keys, under new ids and numbers
until there are as many as wanted. What the store asks for is found over the same indexes at the same depth; copied
contents do not open, and nothing asks for them.
"""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bench.lines.footprint import restartable
from bench.load import load
from bench.peers.leitstand_case import opening
from bench.processes import NotRun, Program, running
from bench.programs import Load, Setup, measured
from bench.result import Line, Round, at_most, judged, not_run, ratios, undecided, values

FEW, WANTED = 10_000, 10_000_000
LIMIT = 1.2
IN_FLIGHT = 64
LOAD = f"0 ms, {IN_FLIGHT} in flight"
MADE = 500
"""Real cases, at least, that the copies are made from."""

COPIED = ("cases", "events", "contents", "case_keys")


def measure(setup: Setup) -> Line:
    """Two servers, one on each database, in alternating rounds."""
    few = min(FEW, setup.stored)
    goal = at_most(f"CPU a case with {setup.stored:,} stored, of that with {few:,}", LIMIT)
    rounds: list[Round] = []
    try:
        goal = judged(goal, _costs(setup, (few, setup.stored), rounds))
    except (NotRun, sqlite3.Error, OSError) as why:
        goal = not_run(goal, str(why))
    if goal.reached and setup.stored < WANTED:
        goal = undecided(goal, f"the goal is for {WANTED:,} (`--stored {WANTED}`)")
    return Line(name="growth", work="growth of the database", goals=[goal], rounds=rounds)


def _costs(setup: Setup, counts: tuple[int, int], rounds: list[Round]) -> list[float]:
    """What a case costs beside many stored ones, of what it costs beside few, round by round."""
    with contextlib.ExitStack() as stack:
        programs = [(f"{count:,} stored", stack.enter_context(_filled(setup, count))) for count in counts]
        for name, program in programs * setup.rounds:
            wanted = Load(request=opening(), in_flight=IN_FLIGHT, seconds=setup.seconds, name=LOAD)
            rounds.append(measured(setup, program, wanted, name))
    few, many = (values(rounds, name, "cpu") for name, _ in programs)
    return ratios(many, few)


@contextlib.contextmanager
def _filled(setup: Setup, count: int) -> Iterator[Program]:
    """A server on a database with so many cases."""
    place = setup.place(f"stored-{count}")
    again = restartable(place, "none")
    with running(again) as program:
        _make(program)
    multiply(place.folder / "data" / "leitstand.db", count)
    with running(again) as program:
        load((place.port,), opening(), 16, min(setup.seconds, 2.0))
        yield program


def _make(program: Program) -> None:
    """Real cases through the server."""
    made = 0
    while made < MADE:
        made += load((program.port,), opening(), 32, 1.0).answers


def multiply(database: Path, wanted: int) -> None:
    """Copy the cases of a closed database until it holds ``wanted``."""
    connection = sqlite3.connect(database, isolation_level=None)
    with contextlib.closing(connection):
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        there = connection.execute("SELECT count(*) FROM cases").fetchone()[0]
        connection.execute(
            "CREATE TEMP TABLE originals AS "
            "SELECT row_number() OVER (ORDER BY number) - 1 AS place, tenant_id, case_id FROM cases"
        )
        for copy in range(1, -(-wanted // there)):
            before = database.stat().st_size
            count = min(there, wanted - copy * there)
            _copy(connection, copy, count)
            if copy == 1:
                _check_disk(database, (database.stat().st_size - before) / count * wanted)
        connection.execute("PRAGMA optimize")
        connection.execute("PRAGMA journal_mode = WAL")


def _check_disk(database: Path, size: float) -> None:
    """Raise ``NotRun`` when the disk cannot hold so many bytes, and a tenth more."""
    if shutil.disk_usage(database.parent).free < size * 1.1:
        raise NotRun(f"the disk has no room for a database of {size / 2**30:.0f} GiB")


def _copy(connection: sqlite3.Connection, copy: int, count: int) -> None:
    """The first ``count`` of the original cases once more, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    highest = connection.execute("SELECT max(number) FROM cases").fetchone()[0]
    for table in COPIED:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
        listed = ", ".join(columns)
        new = ", ".join(_NEW.get(column, f"t.{column}") for column in columns)
        connection.execute(
            f"INSERT INTO {table} ({listed}) SELECT {new} FROM originals AS o CROSS JOIN {table} AS t "
            "ON t.tenant_id = o.tenant_id AND t.case_id = o.case_id "
            "WHERE o.place < :count ORDER BY o.place",
            {"count": count, "copy": f"{copy:08x}", "highest": highest},
        )
    connection.execute("COMMIT")


_NEW = {
    # a time-ordered id, older than the originals: its first group counts the copies
    "case_id": ":copy || substr(t.case_id, 9)",
    "number": ":highest + 1 + o.place",
    "payload": "CAST(replace(CAST(t.payload AS TEXT), t.case_id, :copy || substr(t.case_id, 9)) AS BLOB)",
}
