"""Does what is written read back as it was, and is a file there only when it is complete?"""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as arrow
import pytest
from pyarrow import parquet

from leitstand.domain.errors import RequestMalformed
from leitstand.tables.columns import Columns, Kind
from leitstand.tables.parquet_sink import GROUP_ROWS
from leitstand.tables.writing import complete, sink, to_stdout

COLUMNS = Columns(
    name="cases",
    kinds={
        "text": Kind.TEXT,
        "number": Kind.INTEGER,
        "right": Kind.BOOLEAN,
        "at": Kind.TIME,
        "codes": Kind.TEXTS,
        "data": Kind.DATA,
    },
)
AT = 1_795_728_120_853_832
FULL = {
    "text": 'a "b"\nä',
    "number": -7,
    "right": False,
    "at": AT,
    "codes": ("x", "y:z"),
    "data": {"b": [1.5], "a": "ü"},
}
EMPTY = dict.fromkeys(COLUMNS.kinds)


def written(path: Path, kind: str, *rows: dict[str, object]) -> Path:
    with sink(path, kind, COLUMNS) as into:
        into.write(rows)
    return path


def test_lines_of_json_hold_the_values(tmp_path: Path) -> None:
    lines = written(tmp_path / "f", "jsonl", FULL, EMPTY).read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{**FULL, "codes": ["x", "y:z"]}, EMPTY]
    assert list(json.loads(lines[0])) == list(COLUMNS.kinds)


def test_cells_of_csv_are_for_people(tmp_path: Path) -> None:
    path = written(tmp_path / "f", "csv", FULL, EMPTY, {**EMPTY, "text": "=1+1", "data": "-x", "number": -1})
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [
        list(COLUMNS.kinds),
        ['a "b"\nä', "-7", "false", "2026-11-26T21:22:00.853832Z", "x, y:z", '{"a":"ü","b":[1.5]}'],
        ["", "", "", "", "", ""],
        ["'=1+1", "-1", "", "", "", '"-x"'],
    ]


def test_parquet_has_the_documented_types(tmp_path: Path) -> None:
    path = written(tmp_path / "f.parquet", "parquet", FULL, EMPTY)
    table = parquet.read_table(path)
    assert table.schema.metadata[b"leitstand.table"] == b"cases"
    assert table.schema.metadata[b"leitstand.schema"] == b"1"
    assert table.schema.types == [
        arrow.string(), arrow.int64(), arrow.bool_(), arrow.timestamp("us", tz="UTC"), arrow.list_(arrow.string()),
        arrow.string(),
    ]  # fmt: skip
    first, second = table.to_pylist()
    at = datetime(2026, 11, 26, 21, 22, 0, 853832, UTC)
    assert first == {**FULL, "at": at, "codes": ["x", "y:z"], "data": '{"a":"ü","b":[1.5]}'}
    assert second == EMPTY
    query = f"SELECT text, number, epoch_us(\"at\"), codes[2], data->>'a' FROM '{path}' WHERE number < 0"
    assert duckdb.sql(query).fetchall() == [('a "b"\nä', -7, AT, "y:z", "ü")]


@pytest.mark.parametrize("size", [1, 2_000])
def test_parquet_is_written_in_groups(tmp_path: Path, size: int) -> None:
    path = tmp_path / "f.parquet"
    with sink(path, "parquet", COLUMNS) as into:
        for start in range(0, GROUP_ROWS * 3 // 2, 500):
            into.write([{**EMPTY, "text": "x" * size, "number": start + place} for place in range(500)])
    file = parquet.ParquetFile(path)
    assert file.metadata.num_rows == GROUP_ROWS * 3 // 2
    assert file.metadata.num_row_groups == (2 if size == 1 else 4)
    assert file.read(["number"])["number"].to_pylist() == list(range(GROUP_ROWS * 3 // 2))


def test_a_file_is_there_once_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "cases.csv"
    target.write_text("before")

    def broken() -> None:
        with complete(target) as partial:
            written(partial, "csv", FULL)
            assert target.read_text() == "before"
            raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError):
        broken()
    assert target.read_text() == "before"
    with complete(target) as partial:
        written(partial, "csv", FULL)
    assert target.read_text().startswith("text,")
    assert [path.name for path in tmp_path.iterdir()] == ["cases.csv"]


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "cases"
    target.mkdir()
    (target / "mine").write_text("x")

    def into_it() -> None:
        with complete(target) as partial:
            partial.mkdir()
            written(partial / "f", "csv", FULL)

    with pytest.raises(RequestMalformed, match="not empty"):
        into_it()
    assert [path.name for path in tmp_path.iterdir()] == ["cases"]
    assert (target / "mine").read_text() == "x"


def test_parquet_is_a_file() -> None:
    with pytest.raises(RequestMalformed, match="--to"):
        to_stdout("parquet", COLUMNS)
