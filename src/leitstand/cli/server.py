"""What does a process that serves consist of, from the first socket to the last case?"""

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp

from leitstand.assembly import System, assembled
from leitstand.cli.memory import give_back
from leitstand.cli.owner import answering
from leitstand.domain.errors import SettingInvalid, translatable
from leitstand.ports import IndexPlace
from leitstand.settings import Settings
from leitstand.web.app import build_app
from leitstand.web.probes import build_probes

BACKLOG = 2048

IDLE_SECONDS = 75
"""An idle connection stays open longer than clients and proxies keep theirs, most of them a minute: who closes first
must not be the one who cannot know that a request is on its way."""

BETWEEN_COLLECTIONS = 10_000
"""New objects between two looks for garbage in cycles, instead of Python's 700: a case leaves none behind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """What a process does: ``answers`` the API and the pages, ``works`` on cases, or both."""

    answers: bool = True
    works: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A server about to serve: its system, its address, and ``open``, which returns once requests are accepted."""

    system: System
    address: str
    open: Callable[[], Awaitable[None]]


Begin = Callable[[Running], Coroutine[Any, Any, None]]
"""Prepares what it wants to, opens the door, and may go on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Doors:
    """The bound sockets, each None where nothing listens: one for everything, one for health and metrics only."""

    api: socket.socket | None
    probes: socket.socket | None
    address: str


def run_server(settings: Settings, begin: Begin, *, indexes: IndexPlace | None = None, role: Role = Role()) -> None:
    """Serve until SIGINT or SIGTERM.

    The sockets are bound before the database is opened, so that a taken port is said first and the lock file can name
    the address.
    """
    api = _listen(settings.host, settings.port, "port") if role.answers else None
    probes = _listen(settings.probes_host, settings.probes_port, "probes_port") if settings.probes_port else None
    doors = Doors(api=api, probes=probes, address=address_of(api) if api else f"process {os.getpid()}")
    with contextlib.ExitStack() as sockets, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for listening in filter(None, (api, probes)):
            sockets.enter_context(contextlib.closing(listening))
        assembling = assembled(settings, address=doors.address, indexes=indexes, works=role.works)
        runner.run(_serve(assembling, doors, begin))


def address_of(listening: socket.socket) -> str:
    """The address of a bound socket as a browser wants it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _serve(assembling: AbstractAsyncContextManager[System], doors: Doors, begin: Begin) -> None:
    async with assembling as system, answering(system):
        app = build_app(system.parts, system.worker, system.settings)
        api, probes = _Server(_configured(app), doors.api), _Server(_configured(build_probes(app)), doors.probes)
        stopped, opened = asyncio.Event(), asyncio.Event()

        async def open_doors() -> None:
            opened.set()
            while not ((api.is_open and probes.is_open) or stopped.is_set()):
                await asyncio.sleep(0.01)

        for stopping in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(stopping, _stop, stopped, api)
        beginning = asyncio.create_task(begin(Running(system=system, address=doors.address, open=open_doors)))
        beginning.add_done_callback(lambda task: None if task.cancelled() or not task.exception() else stopped.set())
        await _first(asyncio.create_task(opened.wait()), asyncio.create_task(stopped.wait()))
        if opened.is_set():
            await _work(system, api, probes, stopped)
        beginning.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beginning


async def _work(system: System, api: "_Server", probes: "_Server", stopped: asyncio.Event) -> None:
    """Answer and work until the stop; then answer what was asked, finish what runs, and be watched until the end."""
    _collect_rarely()
    give_back()
    system.worker.begin()
    watching = asyncio.create_task(probes.serve_all())
    serving = asyncio.create_task(api.serve_all())
    stopping = asyncio.create_task(stopped.wait())
    await (_first(stopping, serving) if api.door else stopping)
    system.worker.draining = True
    api.should_exit = True
    await serving
    if not api.force_exit:
        await system.worker.drain(system.settings.drain_seconds)
    probes.should_exit = True
    await watching


def _collect_rarely() -> None:
    """What was set up stays until the end: set it aside, so that no collection looks through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(BETWEEN_COLLECTIONS)


def _stop(stopped: asyncio.Event, api: "_Server") -> None:
    """Come to an orderly end; a second call ends at once."""
    api.force_exit = stopped.is_set()
    stopped.set()


async def _first(*tasks: asyncio.Task[Any]) -> None:
    """Return when one of them is done; those that only wait may be left behind."""
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


def _configured(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=10,
    )


class _Server(uvicorn.Server):
    """A server that leaves the signals to us: a stop must reach the worker and the store as well."""

    def __init__(self, config: uvicorn.Config, door: socket.socket | None) -> None:
        super().__init__(config)
        self.door = door

    @property
    def is_open(self) -> bool:
        """Whether requests are accepted, if this server is to accept any."""
        return self.started or self.door is None

    async def serve_all(self) -> None:
        """Answer at the door until the end; without one there is nothing to do."""
        if self.door:
            await self.serve(sockets=[self.door])

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _listen(host: str, port: int, setting: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        way_out = translatable(
            "Another program listens there: stop it, or take another port with --port, 0 for a free one."
        )
        raise SettingInvalid(name=setting, value=port, way_out=way_out) from error
    listening.setblocking(False)
    return listening
