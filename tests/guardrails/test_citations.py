"""Are missing, nonexistent, swapped and unsupported citations told apart, at the right characters?"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from leitstand.domain.guardrail import Judgement, Subject, Verdict
from leitstand.guardrails.citations import Citations

Ask = Callable[..., Subject]

SHOP = (
    "You can return unused goods within 30 days with the receipt. The money is paid back within 14 days. "
    "The shop is not open on Sundays."
)
REPAIR = "An inspection costs 49 euros and takes two working days. Anna Berg agrees to repairs above 100 euros."
LADEN = "Ware können Sie innerhalb von 30 Tagen mit Kassenbon zurückgeben. Der Laden ist sonntags nicht geöffnet."


def codes(judgement: Judgement) -> list[str]:
    return [finding.code for finding in judgement.findings]


@pytest.fixture
def judge(subject: Ask) -> Callable[..., Judgement]:
    def run(text: str, *passages: str, **given: object) -> Judgement:
        return Citations().judge(subject(text, *(passages or (SHOP, REPAIR)), **given))

    return run


@pytest.mark.parametrize(
    "text",
    [
        "You can return unused goods within 30 days with the receipt. [1] An inspection costs 49 euros. [2]",
        "Unused goods can be returned within 30 days [1].",
        "According to the source, the shop is not open on Sundays [1].",
        "Dear Ms Berg,\n\nthe money is paid back within 14 days [1].\n\nKind regards",
    ],
)
def test_supported_statements_pass(judge: Callable[..., Judgement], text: str) -> None:
    assert judge(text) == Judgement(guard="citations", verdict=Verdict.PASSED)


@pytest.mark.parametrize(
    ("text", "code", "verdict"),
    [
        ("The money is paid back within 14 days.", "citation_missing", Verdict.FLAGGED),
        ("The money is paid back within 14 days [3].", "citation_nonexistent", Verdict.BLOCKED),
        ("The money is paid back within 14 days [0].", "citation_nonexistent", Verdict.BLOCKED),
        ("The money is paid back within 14 days [2].", "citation_swapped", Verdict.FLAGGED),
        ("Bicycles are painted by hand in Denmark [1].", "citation_unsupported", Verdict.FLAGGED),
        ("The money is paid back within 21 days [1].", "number_not_cited", Verdict.FLAGGED),
        ("Clara Winter agrees to repairs above 100 euros [2].", "name_not_cited", Verdict.FLAGGED),
        ("The shop is open on Sundays [1].", "denial_lost", Verdict.FLAGGED),
        ("The money is not paid back within 14 days [1].", "denial_new", Verdict.FLAGGED),
        ("You can return unused goods within 14 days with the receipt [1].", "misplaced", Verdict.FLAGGED),
        ("The money is paid back within 14 days [1][2].", "citation_idle", Verdict.FLAGGED),
        ("The sources do not answer this question.", "not_answered", Verdict.FLAGGED),
        ("I don't know.", "not_answered", Verdict.FLAGGED),
        ("", "nothing_cited", Verdict.FLAGGED),
        ("...", "nothing_cited", Verdict.FLAGGED),
    ],
)
def test_each_fault_has_its_code(judge: Callable[..., Judgement], text: str, code: str, verdict: Verdict) -> None:
    judgement = judge(text)
    assert code in codes(judgement)
    assert judgement.verdict is verdict


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Ware können Sie innerhalb von 30 Tagen mit Kassenbon zurückgeben.", "citation_missing"),
        ("Ware können Sie innerhalb von 60 Tagen mit Kassenbon zurückgeben [1].", "number_not_cited"),
        ("Der Laden ist sonntags geöffnet [1].", "denial_lost"),
        ("Ware können Sie nicht innerhalb von 30 Tagen mit Kassenbon zurückgeben [1].", "denial_new"),
        ("Die Quellen beantworten diese Frage nicht.", "not_answered"),
        ("Dazu gibt es keine Informationen in den Dokumenten.", "not_answered"),
    ],
)
def test_the_same_in_german(judge: Callable[..., Judgement], text: str, code: str) -> None:
    assert code in codes(judge(text, LADEN, language="de"))


def test_a_draft_that_says_so_is_not_an_answer(judge: Callable[..., Judgement]) -> None:
    draft = {"answer": "The money is paid back within 14 days. [1]", "answered": False, "citations": [1]}
    judgement = judge(draft["answer"], draft=draft)
    assert codes(judgement) == ["not_answered"]
    assert judgement.verdict is Verdict.FLAGGED


def test_findings_point_at_the_characters(judge: Callable[..., Judgement]) -> None:
    text = (
        "The money is paid back within 14 days [1]. An inspection takes 59 working days and costs euros [2]. See [9]."
    )
    found = {finding.code: text[finding.start : finding.end] for finding in judge(text).findings}
    assert found["number_not_cited"] == "59"
    assert found["citation_nonexistent"] == "[9]"
    assert found["citation_unsupported"].startswith("An inspection")


def test_the_better_passage_is_named(judge: Callable[..., Judgement]) -> None:
    (finding,) = judge("The money is paid back within 14 days [2].").findings[:1]
    assert dict(finding.values) == {"number": "2", "better": "1"}


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([1], []),
        ([1, 2], ["citation_not_used"]),
        ([1, 7], ["citation_nonexistent"]),
        (["1", None, True], []),
        ("x", []),
        (None, []),
    ],
)
def test_the_list_of_citations_agrees_with_the_text(
    judge: Callable[..., Judgement], listed: object, expected: list[str]
) -> None:
    text = "The money is paid back within 14 days [1]."
    assert codes(judge(text, draft={"answer": text, "answered": True, "citations": listed})) == expected


def test_a_passage_in_another_language_is_left_to_a_person(judge: Callable[..., Judgement]) -> None:
    judgement = judge("Das Geld wird innerhalb von zwei Wochen erstattet, wenn die Ware zurück ist [1].", SHOP)
    assert codes(judgement) == ["citation_foreign"]


@pytest.mark.parametrize("draft", [None, [], "text", {"answer": ["x"]}, {}])
def test_a_malformed_draft_gets_a_verdict(subject: Ask, draft: object) -> None:
    broken = replace(subject("x", SHOP), draft=draft, draft_text="")
    assert Citations().judge(broken).verdict is Verdict.FLAGGED
    assert Citations().judge(replace(broken, draft_text=["x"])).verdict is Verdict.FLAGGED


def test_a_draft_of_endless_sentences_is_flagged_in_bounded_work(subject: Ask) -> None:
    judgement = Citations().judge(subject("So it is [1].\n\n" * 5000, SHOP))
    assert "too_long" in codes(judgement)
    assert len(judgement.findings) < 2000
