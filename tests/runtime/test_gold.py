"""Is what a report says of the levels read, and nothing made of what it does not say?"""

import json
from dataclasses import asdict

import pytest

from leitstand.domain.evaluation import Outcome, level_of
from leitstand.domain.report import Report
from leitstand.runtime.gold import levels_of


def report(body: bytes) -> Report:
    return Report(tenant_id="t", workflow="w", release_digest="d", kind="gold", at=1, body=body)


def test_levels_come_back_as_they_were_kept() -> None:
    level = level_of(1, ("template", ""), [Outcome(passed=True, took=3, cost=None, currency="EUR")])
    assert levels_of(report(json.dumps({"levels": [asdict(level)], "cases": 1}).encode())) == (level,)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"levels": [{"place": "one"}]}', b"\xff"])
def test_a_report_that_says_nothing_has_no_levels(body: bytes) -> None:
    assert levels_of(report(body)) == ()
    assert levels_of(None) == ()
