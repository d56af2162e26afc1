"""Are statements and their citations read as people read them?"""

import pytest

from leitstand.guardrails.statements import needs_citation, statements


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("It is so [1]. It is not [2].", [[1], [2]]),
        ("It is so. [1] It is not. [2]", [[1], [2]]),
        ("It is so [1][2]. It is not [1, 3].", [[1, 2], [1, 3]]),
        ("It is so [ 1; 2 ].", [[1, 2]]),
        ("It is so [1-3].", [[1, 2, 3]]),
        ("It is so [3–1].", [[3, 1]]),
        ("It is so.\n\n[2]", [[2]]),
        ("It is so. It is not.", [[], []]),
        ("An array a[b] and [x].", [[]]),
        ("[1]", [[1]]),
        ("", []),
    ],
)
def test_citations_belong_to_their_sentence(text: str, numbers: list[list[int]]) -> None:
    assert [[cited.number for cited in one.cited] for one in statements(text)] == numbers


def test_places_stay_true_when_citations_are_blanked() -> None:
    text = "One thing [1] and another [2]. A third [3]."
    for one in statements(text):
        assert len(one.body) == one.end - one.start
        assert "[" not in one.body
        for cited in one.cited:
            assert text[cited.start : cited.end] == f"[{cited.number}]"


def test_an_endless_range_is_cut() -> None:
    assert len(statements("So [1-999999].")[0].cited) == 51


@pytest.mark.parametrize(
    ("text", "language", "needed"),
    [
        ("Der Drucker ist teuer.", "de", True),
        ("Printers are expensive.", "en", True),
        ("Sehr geehrte Frau Berg,", "de", False),
        ("Mit freundlichen Grüßen", "de", False),
        ("Dear Ms Miller,", "en", False),
        ("Thank you for your mail.", "en", False),
        ("Thank you for paying 40 euros.", "en", True),
        ("Hello and welcome to the shop that refunds each of its customers twice.", "en", True),
        ("Is that what you mean?", "en", False),
        ("So gehen Sie vor:", "de", False),
        ("## Schritte", "de", False),
        ("Kosten: 40 Euro", "de", True),
        ("...", "en", False),
    ],
)
def test_what_states_something_needs_a_citation(text: str, language: str, needed: bool) -> None:
    assert needs_citation(statements(text)[0], language) is needed
