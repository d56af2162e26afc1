"""How are the processes of a run started, killed without warning, and frozen for longer than their lease?"""

import asyncio
import contextlib
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.marks import Marks

START_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Program:
    """A module, and folders where its packages are looked for first; one that ``rests`` leaves all work to others."""

    module: str = "tests.chaos.server"
    packages: tuple[Path, ...] = ()
    rests: bool = False


SERVER = Program()


class Process:
    """One server of the run: where it answers (port 0 for one that only works), and which steps its cases are in."""

    def __init__(
        self, folder: Path, name: str, port: int, settings: Mapping[str, str], program: Program = SERVER
    ) -> None:
        self.name = name
        self.port = port
        self.frozen = False
        self._folder = folder
        self._marks = folder / f"marks-{name}"
        self._seen = Marks(self._marks)
        self._program = program
        packages = {"PYTHONPATH": os.pathsep.join(map(str, program.packages))} if program.packages else {}
        self._environment = {**os.environ, **settings, **packages}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def alive(self) -> bool:
        """Whether it runs and is not frozen."""
        return self._process is not None and not self.frozen

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process
        return self._process.pid

    def under_way(self) -> Counter[str]:
        """How many of its cases are in each step right now."""
        return self._seen.count()

    async def start(self, workflow: Path) -> None:
        """Start it in a process group of its own; returns when it is ready."""
        self._seen.clear()
        log = self._folder / f"{self.name}.log"
        arguments = (str(self._folder / f"data-{self.name}"), str(self.port), str(workflow), str(self._marks))
        with log.open("ab") as written:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._program.module,
                *arguments,
                *(("rests",) if self._program.rests else ()),
                stdout=asyncio.subprocess.PIPE,
                stderr=written,
                start_new_session=True,
                env=self._environment,
            )
        assert process.stdout
        try:
            async with asyncio.timeout(START_SECONDS):
                line = await process.stdout.readline()
            if line.strip() != b"ready":
                raise RuntimeError(f"{self.name} did not start: {log.read_text()[-3000:]}")
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise
        self._process = process

    async def ended(self) -> None:
        """Return when it is there no more."""
        assert self._process
        await self._process.wait()

    def most_memory(self) -> int:
        """The most memory that it has had so far, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    async def kill(self) -> Counter[str]:
        """``kill -9`` for the whole group; the steps that its cases were in when it died."""
        assert self._process
        self._signal(signal.SIGKILL)
        process, self._process = self._process, None
        await process.wait()
        return self._seen.count()

    async def freeze(self, seconds: float) -> None:
        """Stop it where it stands, and let it go on as if nothing had happened."""
        self.frozen = True
        self._signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._signal(signal.SIGCONT)
        self.frozen = False

    def _signal(self, kind: signal.Signals) -> None:
        assert self._process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, kind)


@asynccontextmanager
async def receiver(port: int, ledger: Path) -> AsyncIterator[None]:
    """The outside world: a process that writes down every effect before it answers."""
    arguments = ("-m", "leitstand.testing.receiver", "--port", str(port), "--ledger", str(ledger))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    try:
        if not (await process.stdout.readline()).startswith(b"receiving"):
            raise RuntimeError("the receiver did not start")
        yield
    finally:
        process.kill()
        await process.wait()
