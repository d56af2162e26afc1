"""Do exports hold every case and every event once, in each format, and only what was asked for?"""

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest
from tests.cli.conftest import Leitstand

from leitstand.assembly import TENANT, now
from leitstand.domain.guardrail import Outcome
from leitstand.stores.sqlite import open_store
from leitstand.testing.store_cases import ANSWERED, DELIVERED, DRAFTED, INTENDED, Opening, appended, decided, opened

DAY = 86_400_000_000
NOVEMBER = 1_793_491_200_000_000
"""2026-11-01T00:00:00Z in microseconds."""


@pytest.fixture
async def cases(tmp_path: Path) -> list[str]:
    """Seven hundred cases in the three days before and after the first of November; their ids, newest first."""
    stores = open_store(tmp_path / "data" / "leitstand.db", address="test", clock=now)
    ids = []
    for place in range(700):
        at = NOVEMBER + (place - 350) * DAY // 120
        start = Opening(at=at, job="" if place % 5 else "march", workflow="letters" if place % 2 else "mails")
        case = await opened(stores.cases, start)
        await appended(stores.cases, case, at + 1, INTENDED, ANSWERED, DRAFTED, decided(Outcome.DELIVER), DELIVERED)
        ids.append(case.case_id)
    await stores.close()
    assert TENANT == "default"
    return ids[::-1]


def test_every_format_holds_every_case(leitstand: Leitstand, tmp_path: Path, cases: list[str]) -> None:
    lines = [json.loads(line) for line in leitstand("export", "--data", "data").out.splitlines()]
    assert [line["case_id"] for line in lines] == cases
    assert (lines[0]["cost"], lines[0]["currency"], lines[0]["number"]) == (1200, "EUR", 700)
    assert leitstand("export", "cases", "--to", "c.csv", "--data", "data").code == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "c.csv").read_text())))
    assert [row["case_id"] for row in rows] == cases
    assert rows[-1]["accepted_at"] == "2026-10-29T02:00:00.000000Z"
    assert leitstand("export", "cases", "--to", "c.parquet", "--data", "data").code == 0
    query = f"SELECT case_id, epoch_us(accepted_at), cost FROM '{tmp_path / 'c.parquet'}'"
    assert duckdb.sql(query).fetchall() == [(line["case_id"], line["accepted_at"], 1200) for line in lines]


def test_only_what_was_asked_for(leitstand: Leitstand, cases: list[str]) -> None:
    def found(*options: str) -> list[str]:
        said = leitstand("export", "--data", "data", *options)
        assert said.code == 0, said.err
        return [json.loads(line)["case_id"] for line in said.out.splitlines()]

    assert found("--since", "2026-11-01") == cases[:350]
    assert found("--until", "2026-11-01T01:00:00+01:00", "--workflow", "mails") == cases[351::2]
    assert found("--job", "march", "--since", "2026-10-31T12:00:00Z", "--until", "2026-11-01") == cases[354:410:5]


def test_events_in_a_folder_for_each_month(leitstand: Leitstand, tmp_path: Path, cases: list[str]) -> None:
    options = ("events", "--to", "parts", "--partition", "month", "--format", "parquet", "--data", "data")
    assert leitstand("export", *options).code == 0
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == ["month=2026-10", "month=2026-11"]
    read = f"read_parquet('{tmp_path}/parts/*/*.parquet', hive_partitioning = true)"
    query = f"SELECT month, count(*), count(DISTINCT case_id), max(seq) FROM {read} GROUP BY month ORDER BY month"
    assert [(str(row[0]), *row[1:]) for row in duckdb.sql(query).fetchall()] == [
        ("2026-10", 2100, 350, 6),
        ("2026-11", 2100, 350, 6),
    ]
    query = f"SELECT body->>'cost' FROM {read} WHERE type = 'model_call.finished' LIMIT 1"
    assert duckdb.sql(query).fetchall() == [("1200",)]
    again = leitstand("export", *options)
    assert again.code == 2 and "not empty" in again.err


def test_contents_come_only_when_asked_for(leitstand: Leitstand, tmp_path: Path, cases: list[str]) -> None:
    options = ("export", "--data", "data", "--since", "2026-11-03", "--to")
    assert leitstand(*options, "without.parquet").code == 0
    assert leitstand(*options, "with.parquet", "--contents").code == 0
    columns = [row[0] for row in duckdb.sql(f"DESCRIBE FROM '{tmp_path / 'without.parquet'}'").fetchall()]
    assert not {"input", "draft", "output"} & set(columns)
    assert duckdb.sql(f"SELECT DISTINCT input->>'text', output FROM '{tmp_path / 'with.parquet'}'").fetchall() == [
        ("hello", None)
    ]


def test_what_cannot_be_meant_is_named(leitstand: Leitstand, cases: list[str]) -> None:
    for options, expected in {
        "events --contents": "--contents",
        "--since yesterday": "--since",
        "--to no/such/cases.csv": "no/such",
        "--format parquet": "--to",
        "--to cases.xyz": "--format",
    }.items():
        said = leitstand("export", *options.split(), "--data", "data")
        assert said.code == 2, said.err
        assert expected in said.err and "Traceback" not in said.err
