"""How is a program started on a core of its own, and what did it cost: CPU, memory, seconds to its first answer?"""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.request import Request

ROOT = Path(__file__).parents[1]
UNDER_TEST, LOAD = 0, 1
"""The core of the program under test, and that of the client and the mock upstream."""

START_SECONDS = 60.0


class NotRun(Exception):
    """Why something could not be measured, in words for the page."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A running program: its process (the head of a tree), where it listens, and seconds until its first answer."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    seconds_to_answer: float = 0.0

    def cpu_seconds(self) -> float:
        """User and system time of the tree so far, from each process's own clock (``clock_getcpuclockid``)."""
        total = 0.0
        for pid in tree(self.process.pid):
            with contextlib.suppress(OSError):
                total += time.clock_gettime((~pid << 3) | 2)
        return total

    def pss_mib(self) -> float:
        """Proportional set size of the tree."""
        total = 0
        for pid in tree(self.process.pid):
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024

    def kill(self) -> None:
        """End the tree at once, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> None:
        """Ask the tree to end, and see to it that it does."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        self.kill()


@dataclass(frozen=True, kw_only=True)
class Start:
    """What is to be started: ``first`` is the request whose answer says that it is ready; None waits for the port."""

    command: list[str]
    port: int
    folder: Path
    first: Request | None = None
    environment: Mapping[str, str] | None = None
    core: int = UNDER_TEST


@contextlib.contextmanager
def running(wanted: Start) -> Iterator[Program]:
    """The program while it runs; raises ``NotRun`` with the end of its log when it does not come up."""
    program = launch(wanted)
    try:
        yield ready(program, wanted)
    finally:
        program.stop()


def launch(wanted: Start) -> Program:
    """The program, not waited for."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LEITSTAND_", "PYTHON"))}
    log = wanted.folder / "log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*_pinned(wanted.core), *wanted.command],
            cwd=ROOT,
            env={**kept, **(wanted.environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    return Program(process=process, port=wanted.port, log=log)


def ready(program: Program, wanted: Start) -> Program:
    """The program once it answers; the time counts from this call."""
    began = time.perf_counter()
    answer = "nothing"
    while (waited := time.perf_counter() - began) < START_SECONDS:
        if program.process.poll() is not None:
            raise NotRun(f"it ended with {program.process.returncode}: {end_of(program.log)}")
        answer = answer_of(wanted.port, wanted.first)
        if not answer:
            return Program(process=program.process, port=program.port, log=program.log, seconds_to_answer=waited)
        time.sleep(0.01)
    raise NotRun(f"it did not answer within {START_SECONDS:.0f} s, only: {answer}")


def answer_of(port: int, request: Request | None) -> str:
    """What is wrong with the answer to a request; empty when it is the expected one."""
    if request is None:
        with socket.socket() as probe:
            return "" if probe.connect_ex(("127.0.0.1", port)) == 0 else "nothing"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", request.path, request.body, dict(request.headers))
        reply = connection.getresponse()
        body = reply.read()
    except OSError as error:
        return str(error)
    finally:
        connection.close()
    good = reply.status in (200, 201) and request.must in body
    return "" if good else f"{reply.status} {body[:300].decode(errors='replace')}"


def tree(pid: int) -> list[int]:
    """A process and everything below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def busy_seconds() -> float:
    """CPU seconds of the whole machine that were not idle."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def end_of(log: Path) -> str:
    """The last line of a log."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else "it said nothing"


def pin_to(core: int) -> None:
    """Keep this process on one core, where there are two."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core})


def _pinned(core: int) -> list[str]:
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > 1 and shutil.which("taskset") else []
