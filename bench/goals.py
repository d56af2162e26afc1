"""Which goals of speed, size and recovery are reached, beside other programs measured in the same run?

    python -m bench.goals [--only throughput,recovery] [--quick] [--rounds 3] [--seconds 3] [--stored 1000000]

Each line of the table is measured by itself and kept in ``out/bench``, so that a run can be taken up again and a line
measured again alone; the page and the plot are made from what is kept. The program under test has core 0, client and
mock upstream core 1. ``--publish`` puts figures and plot into the documentation.
"""

import argparse
import contextlib
import datetime
import importlib
import os
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import msgspec
from bench.lines import NAMES
from bench.page import PUBLISHED, publish, table, write
from bench.processes import LOAD, ROOT, pin_to
from bench.programs import Setup, mock_upstream
from bench.result import Line

OUT = ROOT / "out" / "bench"


def options() -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(description="The table of goals, measured.")
    parser.add_argument("--only", default=",".join(NAMES), help=f"of {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="tiny rounds: whether it works, not how fast it is")
    parser.add_argument("--rounds", type=int, default=3, help="alternating rounds, at least 3 for a spread")
    parser.add_argument("--seconds", type=float, default=3.0, help="of one round")
    parser.add_argument("--soak", type=float, default=60.0, help="seconds of load that memory has to stay flat under")
    parser.add_argument("--stored", type=int, default=1_000_000, help="cases in the full database of the line growth")
    parser.add_argument("--cache", type=Path, default=OUT / "venvs", help="where the peers are installed")
    parser.add_argument("--publish", action="store_true", help=f"put the figures into docs/{PUBLISHED}")
    given = parser.parse_args()
    if unknown := set(given.only.split(",")) - set(NAMES):
        parser.error(f"no such line: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if given.quick:
        given.rounds, given.seconds, given.soak, given.stored = 1, 0.5, 2.0, min(given.stored, 20_000)
    return given


def measure(name: str, given: argparse.Namespace) -> Line:
    """One line with the time it took."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="leitstand-bench-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        (folder / "upstream").mkdir()
        with mock_upstream(folder / "upstream") as upstream:
            setup = Setup(
                rounds=given.rounds,
                seconds=given.seconds,
                soak=given.soak,
                stored=given.stored,
                folder=folder,
                cache=given.cache,
                upstream=upstream,
            )
            line: Line = importlib.import_module(f"bench.lines.{name}").measure(setup)
    at = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    settings = f"{given.rounds} rounds of {given.seconds:g} s"
    return replace(line, took=time.monotonic() - began, at=at, settings=settings, trial=given.rounds < 3)


def kept(name: str) -> Line | None:
    """What an earlier run measured; None when there is none, or one of another form."""
    path = OUT / f"{name}.json"
    with contextlib.suppress(FileNotFoundError, msgspec.ValidationError):
        return msgspec.json.decode(path.read_bytes(), type=Line)
    return None


def main() -> None:
    """Measure what is asked for, print the table, write page and plot."""
    given = options()
    OUT.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    for stopping in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(stopping, lambda *_: sys.exit(130))  # so that everything started is ended
    pin_to(LOAD)
    for name in NAMES:
        if name in given.only.split(","):
            measured = measure(name, given)
            (OUT / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(measured)))
            print(f"{name}: {measured.took:.0f} s", file=sys.stderr, flush=True)
    found = [line for name in NAMES if (line := kept(name))]
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    print(table(found))
    write(found, OUT)
    if given.publish:
        if trials := [line.name for line in found if line.trial]:
            sys.exit(f"not published: {', '.join(trials)} were only tried; measure them with 3 rounds or more")
        publish(found, ROOT / "docs")
    print(f"\n{time.monotonic() - began:.0f} s; page and plot: {OUT / 'goals.md'}, {OUT / 'goals.svg'}")


if __name__ == "__main__":
    main()
