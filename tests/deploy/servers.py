"""How do tests start a Leitstand and the nginx of deploy/proxy in front of it, for real and without root?"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.deploy.reading import DEPLOY

from leitstand.testing.ports import free_port

PATIENCE = 60.0
STREAMS = Path("/usr/lib/nginx/modules/ngx_stream_module.so")


def environment(**settings: str) -> dict[str, str]:
    """The environment of these tests with nothing set but ``settings``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEITSTAND_")}
    return {**kept, "LANG": "C.UTF-8", "NO_COLOR": "1", **settings}


@contextlib.contextmanager
def leitstand(folder: Path, *arguments: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """``leitstand serve`` in a folder, until the block ends; it is there once it has said so."""
    process = subprocess.Popen(
        [sys.executable, "-m", "leitstand.cli", "serve", *arguments],
        cwd=folder,
        env=environment(**settings),
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr
        said = ""
        while "serves" not in (line := process.stderr.readline()):
            said += line
            assert line, f"the server did not start:\n{said}"
        yield process
        process.kill()


def run(folder: Path, *arguments: str, **settings: str) -> str:
    """What a command of Leitstand prints; it has to succeed."""
    command = [sys.executable, "-m", "leitstand.cli", *arguments]
    ran = subprocess.run(
        command, cwd=folder, env=environment(**settings), capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def nginx() -> str:
    """The program; Debian has it where only root looks."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert found, "tools/install.sh system installs nginx"
    return found


@contextlib.contextmanager
def started_nginx(folder: Path, shipped: Path, port: int, changes: dict[str, str]) -> Iterator[None]:
    """An nginx with a configuration as it is shipped, but for ``changes`` of places and ports; it listens on a port."""
    text = shipped.read_text(encoding="utf-8")
    logs = {"/dev/stdout": f"{folder}/access.log", "/dev/stderr": f"{folder}/error.log"}
    for there, here in {"/tmp/": f"{folder}/", **logs, **changes}.items():
        assert there in text or there in logs
        text = text.replace(there, here)
    if "stream {" in text and STREAMS.exists():  # a module of its own in Debian, part of the program in the image
        text = f"load_module {STREAMS};\n{text}"
    configuration = folder / "nginx.conf"
    configuration.write_text(text, encoding="utf-8")
    workers = "user root; " if os.geteuid() == 0 else ""  # else they could not read the folders of the tests
    command = [nginx(), "-e", f"{folder}/error.log", "-c", str(configuration), "-g", f"daemon off; {workers}"]
    with subprocess.Popen(command) as process:
        wait_for(port, process)
        yield
        process.terminate()


@contextlib.contextmanager
def proxy(folder: Path, secrets: Path, inner: int) -> Iterator[int]:
    """The nginx of deploy/proxy before a port; yields its own."""
    outer = free_port()
    changes = {
        "/etc/leitstand-proxy": str(secrets),
        "127.0.0.1:8420": f"127.0.0.1:{inner}",
        "listen 8443": f"listen 127.0.0.1:{outer}",
    }
    with started_nginx(folder, DEPLOY / "proxy/nginx.conf", outer, changes):
        yield outer


@contextlib.contextmanager
def balancer(folder: Path, first: int, second: int) -> Iterator[int]:
    """The nginx of deploy/compose before two proxies; yields its own port."""
    outer = free_port()
    changes = {
        "leitstand-1:8443": f"127.0.0.1:{first}",
        "leitstand-2:8443": f"127.0.0.1:{second}",
        "listen 8443": f"listen 127.0.0.1:{outer}",
    }
    with started_nginx(folder, DEPLOY / "compose/balancer.conf", outer, changes):
        yield outer


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when something listens on a port."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise AssertionError(f"nothing listens on {port}")
