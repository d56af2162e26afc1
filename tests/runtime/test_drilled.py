"""Is a kept drill read as it was, and a report that nobody can read not taken for a drill?"""

import json

import pytest

from leitstand.domain.report import Report
from leitstand.runtime.drilled import drill_of

DRILL = {"verdict": "failed", "suite": "core", "seed": 7, "store": "sqlite", "seconds": 1.5, "mutations": []}


def report(body: bytes) -> Report:
    return Report(tenant_id="t", workflow="w", release_digest="d", kind="drill", at=1, body=body)


def test_what_did_not_pass_comes_first() -> None:
    given = [{"id": name, "status": status} for name, status in (("a", "passed"), ("b", "failed"), ("c", "error"))]
    drilled = drill_of(report(json.dumps({**DRILL, "scenarios": given, "later": "a key of tomorrow"}).encode()))
    assert drilled is not None
    assert [scenario.id for scenario in drilled.scenarios] == ["b", "c", "a"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"scenarios": 3}', b"\xff"])
def test_a_report_that_cannot_be_read_is_no_drill(body: bytes) -> None:
    assert drill_of(report(body)) is None
    assert drill_of(None) is None
