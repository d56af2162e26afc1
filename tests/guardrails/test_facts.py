"""Are invented numbers, dates and names found, and true ones left alone?"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from leitstand.domain.guardrail import Subject, Verdict
from leitstand.guardrails.facts import Facts

Ask = Callable[..., Subject]

NOTE = "The contract was signed on March 9, 2024 by Anna Berg. It is worth 1,000.50 euros. Press F11 to print."
OTHER = "The warranty ends after 36 months."
BRIEF = (
    "Der Vertrag wurde am 9. März 2024 von Anna Berg unterschrieben. Er ist 1.000,50 Euro wert. "
    "Die Druckereinstellungen helfen."
)


def codes(subject: Subject, **options: object) -> list[str]:
    return [finding.code for finding in Facts(**options).judge(subject).findings]


@pytest.mark.parametrize(
    "text",
    [
        "Anna Berg signed on 2024-03-09 [1].",
        "On 9 March 2024 the contract of 1000.5 euros was signed [1].",
        "It was signed in 2024, in March 2024 to be exact [1].",
        "1. Press F11 [1].\n2. Read on [1].",
        "Case 4711 is about the contract [1].",
    ],
)
def test_facts_of_the_sources_and_the_input_pass(subject: Ask, text: str) -> None:
    assert codes(subject(text, NOTE, OTHER, question="What about case 4711?")) == []


@pytest.mark.parametrize(
    ("text", "code", "spot"),
    [
        ("It is worth 1,000.51 euros [1].", "number_unknown", "1,000.51"),
        ("It was signed on March 10, 2024 [1].", "date_unknown", "March 10, 2024"),
        ("It was signed by Bruno Acker [1].", "name_unknown", "Bruno Acker"),
        ("Press F12 to print [1].", "number_unknown", "F12"),
        ("It ends after 36 months [1].", "number_elsewhere", "36"),
        ("It took seven people [1].", "number_unknown", "seven"),
    ],
)
def test_what_no_source_has_is_pointed_at(subject: Ask, text: str, code: str, spot: str) -> None:
    judgement = Facts().judge(subject(text, NOTE, OTHER))
    assert judgement.verdict is Verdict.FLAGGED
    assert [(finding.code, text[finding.start : finding.end]) for finding in judgement.findings] == [(code, spot)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Am 09.03.2024 hat Anna Berg unterschrieben [1].", []),
        ("Der Vertrag ist 1000,50 Euro wert [1].", []),
        ("Beim Drucker helfen die Einstellungen [1].", []),
        ("Der Vertrag ist 1.000,51 Euro wert [1].", ["number_unknown"]),
        ("Am 10.03.2024 wurde unterschrieben [1].", ["date_unknown"]),
        ("Das hat Bruno Acker unterschrieben [1].", ["name_unknown"]),
    ],
)
def test_the_same_in_german(subject: Ask, text: str, expected: list[str]) -> None:
    assert codes(subject(text, BRIEF, language="de")) == expected


def test_names_can_be_left_out(subject: Ask) -> None:
    assert codes(subject("It was signed by Bruno Acker [1].", NOTE), names=False) == []


def test_structured_drafts_are_read_field_by_field(subject: Ask) -> None:
    schema = {"properties": {"kind": {"enum": ["Contract", "Invoice"]}}}
    draft = {
        "kind": "Invoice",
        "total": "1000.50",
        "date": "2024-03-09",
        "pages": 3,
        "signer": "Bruno Acker",
        "sure": True,
    }
    given = replace(subject("", language="en", question=NOTE, draft=draft), schema=schema)
    assert sorted(codes(given)) == ["name_unknown", "number_unknown"]


@pytest.mark.parametrize("draft", [None, [], [1], "text 3", {"a": {"b": [None, object()]}}])
def test_a_malformed_draft_gets_a_verdict(subject: Ask, draft: object) -> None:
    assert Facts().judge(replace(subject(""), draft=draft)).verdict in {Verdict.PASSED, Verdict.FLAGGED}
