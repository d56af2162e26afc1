"""Do programs come up, go through their rounds, and say why they do not?"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from bench.lines.footprint import restartable
from bench.lines.growth import COPIED, multiply
from bench.load import load
from bench.peers import peer
from bench.peers.leitstand_case import opening
from bench.processes import NotRun, Start, running
from bench.programs import Setup, alternating, environment_of, lineup, mock_upstream
from bench.result import values

from leitstand.testing.ports import free_port


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    (tmp_path / "upstream").mkdir()
    with mock_upstream(tmp_path / "upstream") as upstream:
        yield Setup(
            rounds=1, seconds=0.2, soak=0.2, stored=20, folder=tmp_path, cache=tmp_path / "cache", upstream=upstream
        )


def test_bounds_and_a_whole_case_go_through_a_round(setup: Setup) -> None:
    names = ("echo", "aiohttp_proxy", "sketch", "leitstand_case")
    with lineup(setup, names) as found:
        rounds = alternating(setup, found, 4, "a round")
    assert not found.missing
    assert [one.program for one in rounds] == [peer(name).title for name in names]
    assert all(one.rate > 0 and one.cpu > 0 and one.p50 > 0 for one in rounds)
    assert values(rounds, "bare ASGI echo", "cpu") < values(rounds, "Leitstand, whole case", "cpu")


def test_a_program_that_ends_says_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such thing')"]
    with (
        pytest.raises(NotRun, match="ended with 1: no such thing"),
        running(Start(command=command, port=free_port(), folder=tmp_path)),
    ):
        pass


def test_what_cannot_be_installed_is_named(tmp_path: Path) -> None:
    missing = replace(peer("portkey"), packages=(str(tmp_path / "nothing-here"),))
    with pytest.raises(NotRun, match="could not be installed"):
        environment_of("missing", missing, tmp_path)


def test_copied_cases_are_as_many_as_wanted_and_hold_together(setup: Setup) -> None:
    place = setup.place("growth")
    again = restartable(place, "none")
    with running(again) as program:
        load((program.port,), opening(), 4, 0.2)
    database = place.folder / "data" / "leitstand.db"
    with closing(sqlite3.connect(database)) as connection:
        before = {table: rows(connection, table) for table in COPIED}
    wanted = before["cases"] * 3 + 1
    multiply(database, wanted)
    with closing(sqlite3.connect(database)) as connection:
        after = {table: rows(connection, table) for table in COPIED}
        strangers = "SELECT count(*) FROM {} WHERE case_id NOT IN (SELECT case_id FROM cases)"
        assert not any(connection.execute(strangers.format(table)).fetchone()[0] for table in COPIED)
        named = "SELECT count(*) FROM events WHERE instr(CAST(payload AS TEXT), case_id) = 0"
        assert connection.execute(named).fetchone()[0] == 0
    assert after["cases"] == wanted
    assert after["events"] / after["cases"] == pytest.approx(before["events"] / before["cases"])
    with running(again) as program:
        assert load((program.port,), opening(), 4, 0.2).failures == 0


def rows(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
