"""How do several processes share one PostgreSQL? A durable throw-away cluster on the core of the load."""

import contextlib
import os
from collections.abc import Iterator, Mapping

from bench.peers import Place
from bench.peers.leitstand_case import case_workflow, opening, serving
from bench.processes import UNDER_TEST, NotRun, Start, running
from bench.programs import Setup


@contextlib.contextmanager
def database() -> Iterator[str]:
    """The address of an empty database with fsync on; raises ``NotRun`` when there is no PostgreSQL."""
    try:
        from leitstand.testing.postgres_server import PostgresServer
    except ImportError:
        raise NotRun("this Leitstand has no PostgreSQL server for tests") from None
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(PostgresServer(durable=True, settings={"shared_buffers": "256MB"}))
        except (RuntimeError, StopIteration) as error:
            raise NotRun(f"PostgreSQL does not start: {error}") from error
        yield server.database()


def pair(setup: Setup, url: str, milliseconds: int, variables: Mapping[str, str]) -> tuple[Start, Start]:
    """Two processes on one database and one folder of keys, the workflow stored; the second has its own core if any."""
    first, second = setup.place("first", milliseconds), setup.place("second", milliseconds)
    keys = str(first.folder / "keys")
    shared = {"LEITSTAND_DATABASE_URL": url, "LEITSTAND_KEYS": keys, **variables}
    with running(_start(first, shared, serving(first, case_workflow(first)))):
        pass
    return _start(first, shared, serving(first)), _start(second, shared, serving(second), second_core())


def second_core() -> int:
    """A core for a second process, beside the first, PostgreSQL and the load; the first one's when there is none."""
    return 2 if spare_core() else UNDER_TEST


def spare_core() -> bool:
    """Whether two processes, PostgreSQL and the load can have a core each."""
    return (os.cpu_count() or 1) > 3


def _start(place: Place, variables: Mapping[str, str], command: list[str], core: int = UNDER_TEST) -> Start:
    return Start(
        command=command,
        port=place.port,
        folder=place.folder,
        first=opening(),
        environment=variables,
        core=core,
    )
