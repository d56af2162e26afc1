"""Is whatever may make another question of it seen, and is the same question left alone?"""

import pytest

from leitstand.language.same_question import conflict

DIFFERENT = [
    ("de", "Wann endet die Frist von 14 Tagen?", "Wann endet die Frist von 30 Tagen?", "number"),
    ("en", "Is it open on 3 May 2024?", "Is it open on 4 May 2024?", "number"),
    ("de", "Darf ich hier parken?", "Darf ich hier nicht parken?", "negation"),
    ("en", "Can I cancel?", "Can I cancel without a reason?", "negation"),
    ("de", "Wer vertritt Frau Weber?", "Wer vertritt Frau Lang?", "name"),
    ("en", "Who stands in for Weber?", "Who stands in for Lang?", "name"),
    ("de", "Wie schalte ich es ein?", "Wie schalte ich es aus?", "opposite"),
    ("en", "Does it start before noon?", "Does it start after noon?", "opposite"),
    ("en", "How long is the warranty?", "How long is the extended warranty?", "condition"),
]


@pytest.mark.parametrize(("language", "one", "other", "why"), DIFFERENT)
def test_another_question_is_seen_from_both_sides(language: str, one: str, other: str, why: str) -> None:
    assert [conflict(one, other, language), conflict(other, one, language)] == [why, why]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "Wie drucke ich das?", "Wie kann ich das drucken?"),
        ("de", "Was kostet der Versand?", "Guten Tag, eine Frage: Was kostet der Versand? Vielen Dank!"),
        ("en", "How do I append an entry?", "How can I append an entry?"),
        ("en", "Ships in 1,000 days?", "ships in 1000 days"),
    ],
)
def test_the_same_question_is_left_alone(language: str, one: str, other: str) -> None:
    assert conflict(one, other, language) == ""
