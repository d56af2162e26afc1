"""What does a process that serves consist of, from the first socket to the last case?"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from leitstand.assembly import System, assembled
from leitstand.cli.owner import answering
from leitstand.domain.errors import SettingInvalid, translatable
from leitstand.settings import Settings
from leitstand.web.app import build_app

BACKLOG = 2048


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A server about to serve: its system, its address, and ``open``, which returns once requests are accepted."""

    system: System
    address: str
    open: Callable[[], Awaitable[None]]


def run_server(
    settings: Settings, begin: Callable[[Running], Coroutine[Any, Any, None]], indexes: Path | None = None
) -> None:
    """Serve until SIGINT or SIGTERM; ``begin`` prepares what it wants to, opens the door, and may go on.

    The socket is bound before the database is opened, so that a taken port is said first and the lock file can name
    the address.
    """
    listening = _listen(settings)
    with contextlib.closing(listening), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(assembled(settings, address=address_of(listening), indexes=indexes), listening, begin))


def address_of(listening: socket.socket) -> str:
    """The address of a bound socket as a browser wants it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _serve(
    assembling: AbstractAsyncContextManager[System],
    listening: socket.socket,
    begin: Callable[[Running], Coroutine[Any, Any, None]],
) -> None:
    async with assembling as system, answering(system):
        server, opened = _Server(_configured(system)), asyncio.Event()

        async def open_door() -> None:
            opened.set()
            while not (server.started or server.should_exit):
                await asyncio.sleep(0.01)

        for stopping in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(stopping, server.stop)
        running = Running(system=system, address=address_of(listening), open=open_door)
        beginning = asyncio.create_task(begin(running))
        beginning.add_done_callback(lambda task: None if task.cancelled() or not task.exception() else server.stop())
        opening = asyncio.create_task(opened.wait())
        await asyncio.wait({beginning, opening}, return_when=asyncio.FIRST_COMPLETED)
        if opened.is_set():
            system.worker.begin()
            await server.serve(sockets=[listening])
        opening.cancel()
        beginning.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beginning


def _configured(system: System) -> uvicorn.Config:
    return uvicorn.Config(
        build_app(system.parts, system.worker, system.settings),
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=10,
    )


class _Server(uvicorn.Server):
    """A server that leaves the signals to us: a stop must reach the worker and the store as well."""

    def stop(self) -> None:
        """Finish the open requests, then end; a second call ends at once."""
        self.force_exit = self.should_exit
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        way_out = translatable(
            "Another program listens there: stop it, or take another port with --port, 0 for a free one."
        )
        raise SettingInvalid(name="port", value=settings.port, way_out=way_out) from error
    listening.setblocking(False)
    return listening
