"""Is what was asked for when rows are submitted understood, and under which name do the rows count?"""

from pathlib import Path

import click
import pytest

from leitstand.cli.submit_order import Order, order_of
from leitstand.domain.errors import RequestMalformed


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_text("{}\n")


def ordered(**options: object) -> Order:
    given = {
        "path": "rows.jsonl", "kind": None, "job": None, "id_column": None, "mapping": (), "rate": None,
        "max_queued": 10, "on_invalid": "stop", "dry_run": False, "wait": False,
    }  # fmt: skip
    return order_of("mine", 1000, given | options)


def test_rows_without_ids_belong_to_these_very_bytes() -> None:
    job = ordered().job
    assert job == "rows.jsonl@ca3d163bab05"
    Path("rows.jsonl").write_text("{} \n")
    assert ordered().job not in (job, "rows.jsonl")


def test_rows_with_ids_belong_to_the_file_of_that_name() -> None:
    assert ordered(id_column="nr").job == "rows.jsonl"
    assert ordered(id_column="nr", job="march").job == "march"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"path": "-", "kind": "jsonl"}, "--job"),
        ({"job": ""}, "--job"),
        ({"job": "a\nb"}, "--job"),
        ({"job": "x" * 101}, "--job"),
        ({"id_column": ""}, "--id-column"),
        ({"mapping": ("question",)}, "COLUMN=FIELD"),
        ({"mapping": ("=x",)}, "COLUMN=FIELD"),
        ({"mapping": ("a=x", "b=x")}, "twice"),
        ({"mapping": ("a=x", "a=y")}, "twice"),
        ({"on_invalid": "./rows.jsonl"}, "write over"),
    ],
)
def test_what_cannot_be_meant_is_named(options: dict[str, object], expected: str) -> None:
    with pytest.raises(click.UsageError, match=expected):
        ordered(**options)


def test_options_become_an_order() -> None:
    order = ordered(path="-", kind="csv", job="a b", mapping=("a=x", "b=", "c="), on_invalid="skip")
    assert (order.kind, order.job, order.mapping, order.stops, order.rejects) == (
        "csv", "a b", {"a": "x", "b": "", "c": ""}, False, None,
    )  # fmt: skip
    assert ordered(on_invalid="bad.jsonl").rejects == Path("bad.jsonl")
    assert ordered(path="-", kind="csv", dry_run=True).job == "-"
    with pytest.raises(RequestMalformed, match="No such file"):
        ordered(path="none.jsonl")
