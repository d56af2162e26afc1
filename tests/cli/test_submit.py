"""Do the rows of a file become cases, once each, whatever is in them and whatever ends the command?"""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pyarrow as arrow
import pytest
from pyarrow import parquet
from tests.cli.conftest import Leitstand

from leitstand.testing.ports import free_port

WORKFLOW = Path(__file__).parents[1] / "chaos" / "workflow"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the workflow named mine is active; its model is scripted and quick."""
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copytree(WORKFLOW, folder / "mine")
    definition = folder / "mine" / "workflow.toml"
    text = definition.read_text().replace("delay_ms = 40", "delay_ms = 0").replace("sample_percent = 20.0", "")
    text = re.sub(r'kind = "webhook"\nurl = .*', 'kind = "caller"', text)
    definition.write_text(text.replace('name = "chaos"', 'name = "mine"'))
    added = subprocess.run(
        command("release", "add", "mine", "--activate", "--data", "data"), cwd=folder, check=False, capture_output=True
    )
    assert added.returncode == 0, added.stderr
    return folder / "data"


@pytest.fixture
def active(tmp_path: Path, prepared: Path) -> Path:
    """A folder with such a data folder of its own."""
    shutil.copytree(prepared, tmp_path / "data")
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "leitstand.cli", *arguments]


def write(path: Path, count: int, *more: str) -> str:
    lines = [json.dumps({"question": f"When do you open? {place}", "number": place}) for place in range(count)]
    path.write_text("\n".join([*lines, *more]) + "\n", encoding="utf-8")
    return path.name


def summary(leitstand: Leitstand, *arguments: str, code: int = 0, given: str = "") -> dict[str, object]:
    said = leitstand("submit", "mine", "--json", "--data", "data", *arguments, given=given)
    assert said.code == code, said.err
    assert isinstance(said.data, dict)
    return said.data


def test_the_same_command_again_opens_nothing_twice(leitstand: Leitstand, active: Path) -> None:
    name = write(active / "rows.jsonl", 250)
    checked = summary(leitstand, "--from", name, "--dry-run")
    assert (checked["rows"], checked["invalid"], checked["dry_run"]) == (250, 0, True)
    first = summary(leitstand, "--from", name)
    assert (first["rows"], first["opened"], first["statuses"]) == (250, 250, {"open": 250})
    again = summary(leitstand, "--from", name, "--wait")
    assert again["job"] == first["job"] and str(first["job"]).startswith("rows.jsonl@")
    assert (again["opened"], again["repeated"]) == (0, 250)
    statuses = again["statuses"]
    assert isinstance(statuses, dict)
    assert sum(statuses.values()) == 250 and "open" not in statuses
    other = summary(leitstand, "--from", name, "--job", "once more")
    assert (other["job"], other["opened"]) == ("once more", 250)


def test_rows_with_an_id_go_on_in_a_longer_file(leitstand: Leitstand, active: Path) -> None:
    (active / "rows.csv").write_bytes(b"\xef\xbb\xbfid;Frage;number\r\nA-1;Wann?;1\r\nA-2;Wo?;2\r\n")
    options = ("--from", "rows.csv", "--id-column", "id", "--map", "Frage=question")
    assert summary(leitstand, *options)["opened"] == 2
    (active / "rows.csv").write_bytes(b"id;Frage;number\nA-0;Wer?;7\nA-1;Wann?;1\nA-2;Wohin?;2\n")
    told = summary(leitstand, *options, "--on-invalid", "rejects.jsonl", code=2)
    assert (told["job"], told["opened"], told["repeated"], told["invalid"]) == ("rows.csv", 1, 1, 1)
    rejects = [json.loads(line) for line in (active / "rejects.jsonl").read_text().splitlines()]
    assert [(reject["line"], reject["raw"]) for reject in rejects] == [(4, "A-2;Wohin?;2\n")]
    assert "used before" in rejects[0]["problem"]


def test_invalid_rows_stop_everything_before_the_first_is_submitted(leitstand: Leitstand, active: Path) -> None:
    name = write(active / "rows.jsonl", 150, '{"question": ""}', '{"question": "x", "number": "1"}', '{"question": "y"')
    said = leitstand("submit", "mine", "--from", name, "--data", "data")
    assert said.code == 2
    places = [line for line in said.err.splitlines() if line.startswith("rows.jsonl:")]
    assert [line.split(": ")[0] for line in places] == ["rows.jsonl:151", "rows.jsonl:152", "rows.jsonl:153"]
    assert "/question" in places[0] and "/number" in places[1] and "not JSON" in places[2]
    assert leitstand("case", "list", "--data", "data", "--json").data == []
    told = summary(leitstand, "--from", name, "--on-invalid", "skip", code=2)
    assert (told["rows"], told["opened"], told["invalid"]) == (153, 150, 3)


def test_rows_of_parquet_and_of_stdin(leitstand: Leitstand, active: Path) -> None:
    rows = [{"question": f"When? {place}", "number": place, "note": "x"} for place in range(130)]
    parquet.write_table(arrow.Table.from_pylist(rows), active / "rows.parquet")
    told = summary(leitstand, "--from", "rows.parquet", "--map", "note=", "--max-queued", "50", "--wait")
    assert (told["rows"], told["opened"]) == (130, 130)
    gold = '{"id": "g1", "input": {"question": "Who?", "number": 1}, "expected": {}}\n'
    options = ("--from", "-", "--format", "jsonl", "--job", "gold", "--id-column", "id")
    assert summary(leitstand, *options, given=gold)["opened"] == 1
    assert summary(leitstand, *options, given=gold)["repeated"] == 1


def test_what_cannot_be_meant_is_named(leitstand: Leitstand, active: Path) -> None:
    (active / "rows.csv").write_text("question,number\nWhen?,1\n")
    for options, expected in {
        "--from rows.csv --id-column nr": "has no column 'nr'",
        "--from rows.csv --on-invalid no/such/file": "no/such/file",
    }.items():
        said = leitstand("submit", "mine", *options.split(), "--data", "data")
        assert said.code == 2, said.err
        assert expected in said.err and "Traceback" not in said.err


def test_an_unknown_workflow_is_not_found(leitstand: Leitstand, active: Path) -> None:
    said = leitstand("submit", "yours", "--from", write(active / "rows.jsonl", 1), "--data", "data", language="de")
    assert said.code == 4
    assert "yours" in said.err and "mine" in said.err


def test_killed_in_the_middle_beside_a_server_it_goes_on(leitstand: Leitstand, active: Path) -> None:
    name = write(active / "rows.jsonl", 1200)
    environment = {**os.environ, "LANG": "C"}
    serving = command("serve", "--data", "data", "--port", str(free_port()))
    server = subprocess.Popen(serving, cwd=active, stderr=subprocess.PIPE, env=environment)
    try:
        assert server.stderr
        while b"serves" not in (line := server.stderr.readline()):
            assert line, "the server did not start"
        submitting = command("submit", "mine", "--from", name, "--data", "data", "--rate", "300")
        first = subprocess.Popen(submitting, cwd=active, env=environment, stderr=subprocess.DEVNULL)
        with closing(sqlite3.connect(f"file:{active / 'data' / 'leitstand.db'}?mode=ro", uri=True)) as database:
            while database.execute("SELECT count(*) FROM cases").fetchone()[0] < 100:
                assert first.poll() is None
                time.sleep(0.05)
        first.kill()
        assert first.wait() == -signal.SIGKILL
        told = summary(leitstand, "--from", name, "--max-queued", "500", "--wait")
        opened, repeated = told["opened"], told["repeated"]
        assert isinstance(opened, int) and isinstance(repeated, int)
        assert opened > 0 and repeated > 0 and opened + repeated == 1200
        statuses = told["statuses"]
        assert isinstance(statuses, dict) and sum(statuses.values()) == 1200
    finally:
        server.kill()
        server.communicate()
