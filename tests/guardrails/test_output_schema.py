"""Is a draft that breaks its contract blocked, with every breach named?"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from leitstand.domain.guardrail import Subject, Verdict
from leitstand.guardrails.output_schema import OutputSchema

Ask = Callable[..., Subject]
GOOD = {"answer": "Yes.", "answered": True, "citations": [1]}


def places(subject: Subject) -> set[str]:
    return {dict(finding.values)["place"] for finding in OutputSchema().judge(subject).findings}


def test_a_fitting_draft_passes(subject: Ask) -> None:
    judgement = OutputSchema().judge(subject("Yes.", draft=GOOD))
    assert (judgement.verdict, judgement.findings) == (Verdict.PASSED, ())


@pytest.mark.parametrize(
    ("draft", "where"),
    [
        ({**GOOD, "answer": 3}, {"/answer"}),
        ({**GOOD, "citations": [1, "2", 0]}, {"/citations/1", "/citations/2"}),
        ({"answer": "x"}, {"/"}),
        ({**GOOD, "mood": "good"}, {"/"}),
        ([GOOD], {"/"}),
        ("Yes.", {"/"}),
        (None, {"/"}),
    ],
)
def test_every_breach_is_named_with_its_place(subject: Ask, draft: object, where: set[str]) -> None:
    broken = replace(subject("x"), draft=draft)
    assert OutputSchema().judge(broken).verdict is Verdict.BLOCKED
    assert places(broken) == where


def test_local_references_are_followed_and_foreign_ones_are_never_fetched(subject: Ask) -> None:
    local = {"$defs": {"n": {"type": "integer"}}, "properties": {"n": {"$ref": "#/$defs/n"}}}
    given = replace(subject(""), draft={"n": "x"}, schema=local)
    assert OutputSchema().judge(given).verdict is Verdict.BLOCKED
    foreign = replace(given, schema={"properties": {"n": {"$ref": "http://127.0.0.1:9/x.json"}}})
    judgement = OutputSchema().judge(foreign)
    assert judgement.verdict is Verdict.ERROR
    assert judgement.findings[0].code == "schema_unusable"


@pytest.mark.parametrize("schema", [{"type": "nonsense"}, {"properties": 3}, {"pattern": "("}])
def test_an_unusable_schema_is_an_error_never_a_pass(subject: Ask, schema: dict[str, object]) -> None:
    assert OutputSchema().judge(replace(subject("x"), schema=schema)).verdict is Verdict.ERROR


def test_at_most_fifty_breaches_are_listed(subject: Ask) -> None:
    given = subject("x", draft={**GOOD, "citations": ["x"] * 500})
    assert len(OutputSchema().judge(given).findings) == 50


def test_a_number_beyond_64_bits_is_a_breach_with_its_place(subject: Ask) -> None:
    broken = subject("x", draft={**GOOD, "citations": [1, 2**63]})
    assert OutputSchema().judge(broken).verdict is Verdict.BLOCKED
    assert places(broken) == {"/citations/1"}
