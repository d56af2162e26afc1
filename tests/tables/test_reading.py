"""Does every row come out of a file, and does what is no row say where and why?"""

import io
import json
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as arrow
import pytest
from pyarrow import parquet

from leitstand.domain.errors import RequestMalformed
from leitstand.tables import csv_rows, jsonl
from leitstand.tables.reading import digest_of, format_of, opened
from leitstand.tables.row import Row
from leitstand.tables.typed import typing_of

LONGEST = 1000


def of_jsonl(content: bytes) -> list[Row]:
    return list(jsonl.rows(io.BytesIO(content), "f", LONGEST))


def of_csv(content: bytes) -> list[Row]:
    return list(csv_rows.opened(io.BytesIO(content), "f", LONGEST)[1])


def said(rows: list[Row]) -> list[str]:
    """What is wrong, row by row; nothing where all is well."""
    return [row.problem.text() if row.problem else "" for row in rows]


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_of_json(ends: bytes, mark: bytes) -> None:
    rows = of_jsonl(mark + ends.join([b'{"a": 1}', b"", b"  ", '{"a": "ä\\u0000"}'.encode(), b'{"a": [{"b": null}]}']))
    assert [(row.number, row.line, row.fields) for row in rows] == [
        (1, 1, {"a": 1}),
        (2, 4, {"a": "ä\0"}),
        (3, 5, {"a": [{"b": None}]}),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"a": 1', "not JSON"),
        (b'{"a": 1} {"a": 2}', "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": 1e999}', "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": "\0"}', "not JSON"),
        (b'{"a": 1, "a": 2}', "the key 'a' comes twice"),
        (b'{"b": {"a": 1, "a" : 2}}', "the key 'a' comes twice"),
        (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", "nested too deeply"),
        (b"[" * 900, "not JSON"),
        (b"[1, 2]", "no JSON object"),
        (b'"' + b"x" * 1200 + b'"', "more than 1000 bytes"),
    ],
)
def test_a_line_that_is_no_row_is_named_and_the_next_one_counts(line: bytes, expected: str) -> None:
    rows = of_jsonl(b'{"a": 1}\n' + line + b'\n{"a": 3}')
    assert [row.number for row in rows] == [1, 2, 3]
    assert rows[1].problem and rows[1].fields is None
    assert said(rows)[1].startswith("f:2: ") and expected in said(rows)[1]
    assert rows[2].fields == {"a": 3}


def test_text_that_looks_like_keys_is_text() -> None:
    assert of_jsonl(rb'{"a": "he said \"b\": and \"b\": again"}')[0].fields == {"a": 'he said "b": and "b": again'}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_cells_of_csv(delimiter: str) -> None:
    text = 'id,text,n\r\n1,"a ""b""\nc",\r\n\r\n2,ä,3'.replace(",", delimiter)
    assert [(row.number, row.line, row.fields) for row in of_csv(b"\xef\xbb\xbf" + text.encode())] == [
        (1, 2, {"id": "1", "text": 'a "b"\nc'}),
        (2, 5, {"id": "2", "text": "ä", "n": "3"}),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"1,2,3", "3 cells, the header 2"),
        (b"1", "1 cells, the header 2"),
        (b'"a"b,2', "not CSV"),
        (b"1,\0", "NUL"),
        (b"1,\xe4", "not UTF-8"),
        (b"1," + b"x" * 1200, "more than 1000 bytes"),
    ],
)
def test_a_row_that_is_none_is_named_and_the_next_one_counts(line: bytes, expected: str) -> None:
    rows = of_csv(b"a,b\n1,2\n" + line + b"\n5,6\n")
    assert [row.number for row in rows] == [1, 2, 3]
    assert said(rows)[1].startswith("f:3: ") and expected in said(rows)[1]
    assert rows[2].fields == {"a": "5", "b": "6"}


def test_an_open_quote_takes_no_more_than_a_row_may_have() -> None:
    rows = of_csv(b'a,b\n1,"open\n' + b"2,3\n" * 1000)
    assert "more than 1000 bytes" in said(rows)[0]
    assert sum(row.raw.count("2,3") for row in rows if row.problem) + sum(not row.problem for row in rows) == 1000


def test_a_quote_that_is_open_at_the_end_is_named() -> None:
    assert "f:2: The row is not CSV" in said(of_csv(b'a,b\n1,"open'))[0]


@pytest.mark.parametrize("header", [b"", b"\n", b"a,,b", b"a,b,a", b'"a', b"a,\0", b"\xff\xfe"])
def test_a_header_that_is_none_ends_it(header: bytes) -> None:
    with pytest.raises(RequestMalformed, match="names of the columns"):
        of_csv(header)


def test_cells_become_what_the_schema_asks_for() -> None:
    typed = typing_of(
        {
            "whole": {"type": "integer"},
            "any": {"type": ["null", "number"]},
            "yes": {"type": "boolean"},
            "list": {"type": "array"},
            "text": {"type": ["string", "integer"]},
            "free": {},
        }
    )
    cells = {"whole": "-7", "any": "1.5e3", "yes": "TRUE", "list": "[1]"}
    text = {"text": "7", "free": "8", "more": "9"}
    assert typed({**cells, **text}) == {"whole": -7, "any": 1500.0, "yes": True, "list": [1], **text}
    wrong = {"whole": "1_000", "any": "nan", "yes": "maybe", "list": "[1"}
    assert typed(wrong) == wrong
    assert typed({"whole": "9" * 5000, "any": "1,5"}) == {"whole": "9" * 5000, "any": "1,5"}


def parquet_file(path: Path, rows: list[dict[str, object]]) -> str:
    parquet.write_table(arrow.Table.from_pylist(rows), path, row_group_size=3)
    return str(path)


def test_rows_of_parquet(tmp_path: Path) -> None:
    path = parquet_file(
        tmp_path / "rows.parquet",
        [{"q": f"Wann {place}?", "n": place, "d": Decimal("1.50"), "none": None} for place in range(250)],
    )
    with opened(path, "parquet", LONGEST) as table:
        assert table.size == 250
        assert table.columns == ("q", "n", "d", "none")
        rows = list(table.rows)
    assert [row.number for row in rows] == list(range(1, 251))
    assert rows[249].fields == {"q": "Wann 249?", "n": 249, "d": 1.5}
    assert table.read == 250


def test_numbers_and_sizes_of_parquet_are_checked(tmp_path: Path) -> None:
    path = parquet_file(tmp_path / "rows.parquet", [{"n": float("nan"), "q": "a"}, {"n": 1.0, "q": "x" * 2000}])
    with opened(path, "parquet", LONGEST) as table:
        assert [text[len(path) :] for text in said(list(table.rows))] == [
            ":1: The row holds a number that is none (NaN or infinity). Write null instead.",
            ":2: The row has more than 1000 bytes. Shorten it, or raise LEITSTAND_MAX_BODY_BYTES.",
        ]


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (b"\x1f\x8b\x08\x00", "jsonl", "gunzip -c"),
        (b"\x28\xb5\x2f\xfd", "csv", "zstd -dc"),
        (b"\xff\xfea\0", "csv", "UTF-16"),
        (b"PAR1....", "csv", "--format parquet"),
        (b"PAR1....", "parquet", "a Parquet file"),
        (b"", "parquet", "a Parquet file"),
    ],
)
def test_files_that_are_something_else_are_named(tmp_path: Path, content: bytes, kind: str, expected: str) -> None:
    path = tmp_path / "rows"
    path.write_bytes(content)
    with pytest.raises(RequestMalformed, match=expected), opened(str(path), kind, LONGEST) as table:
        list(table.rows)


def test_a_cut_parquet_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    whole = Path(parquet_file(path, [{"q": "x" * 100, "n": place} for place in range(1000)])).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RequestMalformed, match="Parquet"), opened(str(path), "parquet", LONGEST):
        pass
    path.write_bytes(whole[:100] + b"\xff" * 200 + whole[300:])
    with pytest.raises(RequestMalformed, match="row"), opened(str(path), "parquet", LONGEST) as table:
        list(table.rows)


def test_the_name_says_the_format_unless_it_is_named() -> None:
    assert [format_of(path, None) for path in ("a.jsonl", "a.CSV", "b.tsv", "a.parquet")] == [
        "jsonl", "csv", "csv", "parquet",
    ]  # fmt: skip
    assert format_of("a.txt", "csv") == "csv"
    for path, kind in (("a.txt", None), ("-", None), ("-", "parquet"), ("a.jsonl.gz", None)):
        with pytest.raises(RequestMalformed, match="--format"):
            format_of(path, kind)


def test_the_digest_is_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert digest_of(str(tmp_path / "a")) == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    with pytest.raises(RequestMalformed, match="No such file"):
        digest_of(str(tmp_path / "b"))


def long_lines() -> Iterator[bytes]:
    """Seven hundred lines, one of which has a hundred million bytes."""
    for place in range(700):
        yield json.dumps({"a": place}).encode() + b"\n"
    yield b'{"a": "' + b"x" * 100_000_000 + b'"}\n'
    yield b'{"a": 1}\n'


@pytest.mark.alone
def test_a_line_of_a_hundred_megabytes_is_passed_over_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with path.open("wb") as file:
        file.writelines(long_lines())
    tracemalloc.start()
    with opened(str(path), "jsonl", 1 << 20) as table:
        rows = list(table.rows)
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(rows) == 702
    assert "more than 1048576 bytes" in said(rows)[700]
    assert rows[701].fields == {"a": 1}
    assert highest < 16 << 20
