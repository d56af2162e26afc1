"""Does what the page on deployment says about backup bring every acknowledged case back, contents included?"""

import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.deploy.reading import ROOT
from tests.deploy.servers import leitstand, run
from tests.docs.pages import blocks
from tests.docs.shell import commands

from leitstand.testing.ports import free_port
from leitstand.testing.postgres_server import PostgresServer, installations

PAGE = (ROOT / "docs/how-to/deploy.md").read_text(encoding="utf-8")
CASES = 40
POSTGRESQL = next(iter(installations().values()))
"""Programs of the newest PostgreSQL there is, which the tests' server runs."""


def shown(heading: str) -> list[str]:
    """The commands that the page shows below a heading."""
    section = PAGE.partition(f"\n### {heading}\n")[2].partition("\n### ")[0]
    return [each.text for block in blocks(section) for each in commands(block.code)]


def chosen(heading: str, *words: str) -> str:
    """Those commands of a section that begin so, as one script."""
    found = [text for text in shown(heading) if text.startswith(words)]
    assert len(found) >= len(words)
    return "\n".join(found)


def sh(folder: Path, script: str, **variables: str) -> str:
    """What a script prints; each of its commands has to succeed."""
    here = f"{Path(sys.executable).parent}:{POSTGRESQL}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        env={**os.environ, "PATH": here, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def open_case(port: int, day: object) -> str:
    """The id of a case once it is acknowledged."""
    body = json.dumps({"input": {"question": f"When do you open on day {day}?"}}).encode()
    address = f"http://127.0.0.1:{port}/v1/workflows/mine/cases"
    with urllib.request.urlopen(urllib.request.Request(address, body, {"Content-Type": "application/json"})) as reply:
        return str(json.load(reply)["id"])


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[str]:
    """The address of an empty database ``leitstand``; it and the restored one are dropped afterwards."""
    postgres_server.sql("CREATE DATABASE leitstand")
    yield postgres_server.url("leitstand")
    for name in ("leitstand", "leitstand_restored"):
        postgres_server.drop(postgres_server.url(name))


def question_of(folder: Path, case: str, **settings: str) -> str:
    """The question of a case, its content unsealed."""
    told = json.loads(run(folder, "case", "show", case, "--content", "--json", **settings))
    return str(told["contents"]["input"]["question"])


def test_sqlite_comes_back_with_every_case_acknowledged_before_the_backup(tmp_path: Path) -> None:
    run(tmp_path, "init", "mine", "--lang", "en")
    port = free_port()
    with leitstand(tmp_path, "mine", "--port", str(port)), concurrent.futures.ThreadPoolExecutor(8) as clients:
        before = list(clients.map(lambda number: open_case(port, number), range(CASES)))
        during = [clients.submit(open_case, port, number) for number in range(CASES, 3 * CASES)]
        printed = sh(tmp_path, chosen("SQLite", "mkdir -m 0700 backup", "python3 -c", "cp -p leitstand-data/keys"))
        after = [each.result() for each in during]
    assert printed.strip() == "ok"
    shutil.rmtree(tmp_path / "leitstand-data")
    sh(tmp_path, chosen("SQLite", "mkdir -m 0700 leitstand-data", "cp -p backup/", "cp -p backup-of-keys/"))
    restored = [json.loads(line)["case_id"] for line in run(tmp_path, "export").splitlines()]
    assert set(before) <= set(restored) <= {*before, *after}
    assert question_of(tmp_path, before[7]) == "When do you open on day 7?"
    with leitstand(tmp_path, "--port", str(free_port())):
        pass  # a server takes it as its own


def test_without_its_keys_a_backup_shows_nothing(tmp_path: Path) -> None:
    run(tmp_path, "init", "mine", "--lang", "en")
    port = free_port()
    with leitstand(tmp_path, "mine", "--port", str(port)):
        case = open_case(port, "Nimmerlein")
    (tmp_path / "leitstand-data/keys/default.key").rename(tmp_path / "default.key")
    command = [sys.executable, "-m", "leitstand.cli", "case", "show", case, "--content"]
    refused = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert refused.returncode
    assert "the key of tenant default is missing" in refused.stderr
    for file in (tmp_path / "leitstand-data").glob("leitstand.db*"):
        assert b"Nimmerlein" not in file.read_bytes()


def test_postgresql_comes_back_in_another_database(
    tmp_path: Path, postgres_server: PostgresServer, database: str
) -> None:
    known = {"LEITSTAND_DATABASE_URL": database, "LEITSTAND_KEYS": str(tmp_path / "keys")}
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "keys/default.key").write_bytes(os.urandom(32))
    run(tmp_path, "init", "mine", "--lang", "en")
    run(tmp_path, "db", "upgrade", **known)
    port = free_port()
    with (
        leitstand(tmp_path, "mine", "--port", str(port), **known),
        concurrent.futures.ThreadPoolExecutor(8) as clients,
    ):
        before = list(clients.map(lambda number: open_case(port, number), range(CASES)))
        during = [clients.submit(open_case, port, number) for number in range(CASES, 2 * CASES)]
        clients_of = {"PGHOST": "127.0.0.1", "PGPORT": str(postgres_server.port), "PGUSER": "postgres"}
        listed = sh(tmp_path, chosen("PostgreSQL", "pg_dump", "pg_restore --list"), **clients_of)
        after = [each.result() for each in during]
    assert "TABLE DATA public" in listed
    sh(tmp_path, chosen("PostgreSQL", "psql", "pg_restore --exit-on-error"), **clients_of)
    restored = {**known, "LEITSTAND_DATABASE_URL": postgres_server.url("leitstand_restored")}
    run(tmp_path, "db", "check", **restored)
    found = [json.loads(line)["case_id"] for line in run(tmp_path, "export", **restored).splitlines()]
    assert set(before) <= set(found) <= {*before, *after}
    assert question_of(tmp_path, before[7], **restored) == "When do you open on day 7?"
