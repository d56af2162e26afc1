"""Does what Compose starts, two processes over one PostgreSQL behind one address, go on while each is replaced?"""

import concurrent.futures
import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.deploy.door import Door
from tests.deploy.reading import DEPLOY, ROOT, read_yaml
from tests.deploy.servers import balancer, leitstand, proxy, run

from leitstand.testing.ports import free_port
from leitstand.testing.postgres_server import PostgresServer

CASES = 60
PATIENCE = 60.0
ENDS = {"delivered", "review", "escalated"}
PAGE = (ROOT / "docs/how-to/deploy.md").read_text(encoding="utf-8")
COMPOSE = read_yaml((DEPLOY / "compose/compose.yaml").read_text(encoding="utf-8"))["services"]


class Processes:
    """The two Leitstand of Compose, each with its own data folder and its own port, which it keeps when replaced."""

    def __init__(self, folder: Path, url: str, keys: Path) -> None:
        given = {
            name: value
            for name, value in COMPOSE["leitstand-1"]["environment"].items()
            if name.startswith("LEITSTAND_")
        }
        self.settings = {**given, "LEITSTAND_DATABASE_URL": url, "LEITSTAND_KEYS": str(keys)}
        self.folder = folder
        self.ports = [free_port(), free_port()]
        self._running: dict[int, ExitStack] = {}
        self._processes: dict[int, subprocess.Popen[str]] = {}

    def start(self, number: int) -> None:
        """Start one; it serves when this returns."""
        settings = {**self.settings, "LEITSTAND_PROBES_PORT": str(free_port())}
        self._running[number] = ExitStack()
        arguments = ("--port", str(self.ports[number]), "--data", f"data-{number}")
        process = self._running[number].enter_context(leitstand(self.folder, *arguments, **settings))
        self._processes[number] = process

    def stop(self, number: int) -> None:
        """Stop one as Compose and Kubernetes do, and wait until it has ended."""
        process = self._processes.pop(number)
        process.terminate()
        assert process.wait(PATIENCE) == 0
        self._running.pop(number).close()

    def close(self) -> None:
        for running in self._running.values():
            running.close()


@pytest.fixture
def processes(tmp_path: Path, postgres_database: str, secrets: tuple[Path, str]) -> Iterator[Processes]:
    """Both processes, over a migrated database with one active release."""
    made = Processes(tmp_path, postgres_database, secrets[0] / "keys")
    run(tmp_path, *COMPOSE["migrate"]["command"], **made.settings)
    run(tmp_path, "init", "mine", "--lang", "en")
    run(tmp_path, "release", "add", "mine", "--activate", **made.settings)
    try:
        made.start(0)
        made.start(1)
        yield made
    finally:
        made.close()


@pytest.fixture
def door(tmp_path: Path, processes: Processes, secrets: tuple[Path, str]) -> Iterator[Door]:
    """The balancer before the proxies before the processes."""
    made, password = secrets
    folders = [tmp_path / name for name in ("proxy-0", "proxy-1", "balancer")]
    for folder in folders:
        folder.mkdir()
    with (
        proxy(folders[0], made / "proxy", processes.ports[0]) as first,
        proxy(folders[1], made / "proxy", processes.ports[1]) as second,
        balancer(folders[2], first, second) as outer,
    ):
        yield Door(port=outer, password=password, certificate=made / "proxy/tls.crt")


def open_case(door: Door, number: int) -> str:
    """The id of a case, asked for under its key until it is acknowledged."""
    body = json.dumps({"input": {"question": f"When do you open on day {number}?"}})
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        status, _, said = door.ask(
            "POST",
            "/v1/workflows/mine/cases",
            body,
            Content_Type="application/json",
            Idempotency_Key=f"day-{number}",
        )
        if status in (200, 201):
            return str(json.loads(said)["id"])
        assert status in (502, 503), said
        time.sleep(0.1)
    raise AssertionError(f"case {number} was never acknowledged")


def test_each_process_is_replaced_and_no_acknowledged_case_is_lost(
    door: Door, processes: Processes, postgres_server: PostgresServer
) -> None:
    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        asked = [clients.submit(open_case, door, number) for number in range(CASES)]
        for number in (0, 1):
            processes.stop(number)
            processes.start(number)
        acknowledged = [each.result() for each in asked]
    assert len(set(acknowledged)) == CASES
    for case in acknowledged:
        status, _, said = door.ask("GET", f"/v1/cases/{case}?wait=30")
        assert (status, json.loads(said)["status"] in ENDS) == (200, True)
    assert [open_case(door, number) for number in range(CASES)] == acknowledged, "a key opens one case only"
    connected = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'leitstand%'"
    of_one = re.search(r"connections to PostgreSQL \| processes × (\d+)", PAGE)
    assert of_one
    assert 2 <= int(postgres_server.sql(connected)) <= 2 * int(of_one[1])
