"""What does a process that serves consist of, from the first socket to the last case?"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

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
    """A server that accepts requests: its system and the address to open."""

    system: System
    address: str


def run_server(settings: Settings, begin: Callable[[Running], Awaitable[None]], indexes: Path | None = None) -> None:
    """Serve until SIGINT or SIGTERM; ``begin`` runs once requests are accepted.

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
    begin: Callable[[Running], Awaitable[None]],
) -> None:
    async with assembling as system, answering(system):
        config = uvicorn.Config(
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
        server = _Server(config)
        for stopping in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(stopping, server.stop)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        system.worker.begin_sweeping()
        beginning = asyncio.create_task(_begin(server, begin, Running(system=system, address=address_of(listening))))
        await serving
        beginning.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beginning


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


async def _begin(server: uvicorn.Server, begin: Callable[[Running], Awaitable[None]], running: Running) -> None:
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        await begin(running)
    except Exception:
        server.should_exit = True
        raise


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
