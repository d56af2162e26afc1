"""How does each program get its environment, come up beside the others, and go through its rounds?"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import load
from bench.peers import Peer, Place, peer
from bench.processes import LOAD, NotRun, Program, Start, busy_seconds, end_of, running
from bench.request import Request
from bench.result import Round

from leitstand.testing.ports import free_port

INSTALL_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class Setup:
    """How thorough the measurement is, where its files are, and the mock upstream that all programs share."""

    rounds: int
    seconds: float
    soak: float
    stored: int
    folder: Path
    cache: Path
    upstream: Program

    def url(self, milliseconds: int) -> str:
        """The base address of a model service that takes so long."""
        return f"http://127.0.0.1:{self.upstream.port}/{milliseconds}/v1"

    def place(self, name: str, milliseconds: int = 0, environment: Path | None = None) -> Place:
        """A port and an empty folder for one start of a program."""
        folder = self.folder / f"{name}-{len(list(self.folder.iterdir()))}"
        folder.mkdir()
        return Place(
            environment=environment or Path(sys.prefix),
            port=free_port(),
            folder=folder,
            upstream=self.url(milliseconds),
        )


@dataclass(frozen=True, kw_only=True)
class Running:
    """A peer that is up, with its memory in MiB (PSS) after its first answer."""

    name: str
    peer: Peer
    place: Place
    program: Program
    idle: float


@dataclass(frozen=True, kw_only=True)
class Lineup:
    """The peers that came up, and why the others did not."""

    up: dict[str, Running] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def why(self, *names: str) -> str:
        """Why one of these is missing; empty when all are up."""
        return "; ".join(f"{peer(name).title}: {self.missing[name]}" for name in names if name in self.missing)

    def notes(self) -> list[str]:
        """The same of all that are missing, for the page."""
        return [f"{peer(name).title} was not run: {why}" for name, why in self.missing.items()]


@contextlib.contextmanager
def lineup(setup: Setup, names: tuple[str, ...], milliseconds: int = 0) -> Iterator[Lineup]:
    """All of these at once on the core under test, warm, each idle while another is measured."""
    found = Lineup()
    with contextlib.ExitStack() as stack:
        for name in names:
            try:
                found.up[name] = stack.enter_context(started(setup, name, milliseconds))
            except NotRun as why:
                found.missing[name] = str(why)
        yield found


@contextlib.contextmanager
def started(setup: Setup, name: str, milliseconds: int = 0) -> Iterator[Running]:
    """One peer, up and warm; raises ``NotRun``."""
    chosen = peer(name)
    place = setup.place(name, milliseconds, environment_of(name, chosen, setup.cache))
    first = chosen.request(place)
    start = Start(
        command=chosen.command(place),
        port=place.port,
        folder=place.folder,
        first=first,
        environment=chosen.variables,
    )
    with running(start) as program:
        idle = program.pss_mib()
        load((place.port,), first, 16, min(setup.seconds, 2.0))
        yield Running(name=name, peer=chosen, place=place, program=program, idle=idle)


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a round sends: a request, so many at once, for so many seconds, and what the round is called."""

    request: Request
    in_flight: int
    seconds: float
    name: str


def measured(setup: Setup, program: Program | tuple[Program, ...], wanted: Load, title: str) -> Round:
    """One round; several programs share the load, and their cost counts together.

    Raises ``NotRun`` when more than one answer in a hundred was wrong.
    """
    programs = program if isinstance(program, tuple) else (program,)
    cpu = sum(one.cpu_seconds() for one in programs)
    client, busy, began = time.process_time() + setup.upstream.cpu_seconds(), busy_seconds(), time.perf_counter()
    answered = load([one.port for one in programs], wanted.request, wanted.in_flight, wanted.seconds)
    elapsed = time.perf_counter() - began
    cpu = sum(one.cpu_seconds() for one in programs) - cpu
    client = time.process_time() + setup.upstream.cpu_seconds() - client
    if answered.failures > answered.answers / 100 or not answered.answers:
        raise NotRun(f"{answered.failures} of its answers were wrong, first: {' '.join(answered.failure.split())}")
    return Round(
        program=title,
        load=wanted.name,
        rate=answered.rate,
        cpu=cpu / answered.answers * 1e6,
        p50=answered.p50,
        p99=answered.p99,
        answers=answered.answers,
        failures=answered.failures,
        client=client / elapsed,
        other=max(busy_seconds() - busy - cpu - client, 0.0) / elapsed,
    )


def alternating(setup: Setup, found: Lineup, in_flight: int, name: str, *, streamed: bool = False) -> list[Round]:
    """Every program that is up, round by round; one that fails is taken out of the line-up with its reason."""
    rounds: list[Round] = []
    for _ in range(setup.rounds):
        for one in list(found.up.values()):
            asked = (one.peer.streamed or one.peer.request)(one.place) if streamed else one.peer.request(one.place)
            wanted = Load(request=asked, in_flight=in_flight, seconds=setup.seconds, name=name)
            try:
                rounds.append(measured(setup, one.program, wanted, one.peer.title))
            except NotRun as why:
                found.missing[one.name] = str(why)
                del found.up[one.name]
    missing = {peer(name).title for name in found.missing}
    return [one for one in rounds if one.program not in missing]


@contextlib.contextmanager
def mock_upstream(folder: Path) -> Iterator[Program]:
    """The model service, on the client's core."""
    port = free_port()
    command = [sys.executable, "-m", "bench.upstream", "--port", str(port)]
    with running(Start(command=command, port=port, folder=folder, core=LOAD)) as program:
        yield program


def environment_of(name: str, chosen: Peer, cache: Path) -> Path:
    """The folder that the packages of a peer are installed in, by name, once; our own for a peer without any."""
    if not chosen.packages:
        return Path(sys.prefix)
    folder, wanted = cache / name, "\n".join(chosen.packages)
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return folder
    print(f"installing {wanted.splitlines()[0]} into {folder}", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if chosen.npm:
        (folder / "package.json").write_text('{"name": "peers", "private": true}', "utf-8")
        _install(folder, ["npm", "install", "--no-fund", "--no-audit", *chosen.packages])
    else:
        uv = str(Path(sys.executable).with_name("uv"))
        _install(folder, [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, "."])
        _install(folder, [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", ".", *chosen.packages])
    stamp.write_text(wanted, "utf-8")
    return folder


def _install(folder: Path, command: list[str]) -> None:
    if not shutil.which(command[0]):
        raise NotRun(f"{command[0]} is not on this machine")
    log = folder / "install.log"
    with log.open("ab") as out:
        try:
            code = subprocess.run(
                command,
                cwd=folder,
                stdout=out,
                stderr=out,
                timeout=INSTALL_SECONDS,
                check=False,
                env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
            ).returncode
        except subprocess.TimeoutExpired:
            raise NotRun(f"its installation took more than {INSTALL_SECONDS} s") from None
    if code:
        raise NotRun(f"it could not be installed: {end_of(log)}")
