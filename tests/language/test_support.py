"""Does the score tell supported statements from others, with the right reasons?"""

import pytest

from leitstand.language.names import unknown_names
from leitstand.language.reading import read
from leitstand.language.support import support

SOURCE = (
    "Anna Berg founded the shop in 1998. It has six branches in Bremen and 40 employees. "
    "The shop is not open on Sundays. Repairs take two days."
)
QUELLE = "Anna Berg gründete den Laden 1998. Er hat sechs Filialen in Bremen. Sonntags ist er nicht geöffnet."


def of(statement: str, source: str = SOURCE, language: str = "en"):
    return support(statement, [read(source, language)], language)


@pytest.mark.parametrize("statement", SOURCE.split(". "))
def test_quotes_are_fully_supported(statement: str) -> None:
    assert of(statement).score == 1.0


@pytest.mark.parametrize(
    ("statement", "least"),
    [
        ("The shop was founded in 1998 by Anna Berg.", 0.75),
        ("It has 6 branches in Bremen.", 1.0),
        ("Yes, repairs take two days.", 1.0),
    ],
)
def test_light_paraphrases_stay_supported(statement: str, least: float) -> None:
    assert of(statement).score >= least


def test_a_number_in_place_of_another_is_misplaced() -> None:
    result = of("It has six branches in Bremen and 1998 employees.")
    assert [name.text for name in result.misplaced] == ["1998"]
    assert result.score <= 0.5


def test_unknown_numbers_names_and_denials_lower_the_score() -> None:
    assert [fact.text for fact in of("Anna Berg founded the shop in 1999.").unknown_facts] == ["1999"]
    assert [name.text for name in of("The shop was founded by Bruno Acker.").unknown_names] == ["Bruno Acker"]
    assert of("Anna Berg never founded the shop in 1998.").new_denial
    assert of("The shop is open on Sundays.").lost_denial
    assert not of("The shop is not open on Sundays.").new_denial
    for statement in ("Anna Berg founded the shop in 1999.", "The shop is open on Sundays."):
        assert of(statement).score <= 0.5


def test_the_same_in_german() -> None:
    assert of("Sonntags ist er geöffnet.", QUELLE, "de").lost_denial
    assert of("Er hat sechs Filialen.", QUELLE, "de").score == 1.0
    assert of("Laut Quelle gilt: Er hat 6 Filialen in Bremen.", QUELLE, "de").score == 1.0


def test_nothing_is_supported_by_no_source() -> None:
    assert support("The shop is open.", [], "en").score == 0.0


@pytest.mark.parametrize(
    ("text", "language", "source", "names"),
    [
        ("Then Bruno Acker came.", "en", SOURCE, ["Bruno Acker"]),
        ("Bruno Acker came.", "en", SOURCE, ["Bruno Acker"]),
        ("Shops came.", "en", SOURCE, []),
        ("He wrote to NATO.", "en", SOURCE, ["NATO"]),
        ("He wrote to Anna's shop.", "en", SOURCE, []),
        ("Gestern kam Bruno Acker.", "de", QUELLE, ["Bruno Acker"]),
        ("Die Ladenöffnung steht fest.", "de", QUELLE, []),
        ("Er sprach mit der Geschäftsleitung.", "de", QUELLE, []),
    ],
)
def test_names_that_no_source_knows(text: str, language: str, source: str, names: list[str]) -> None:
    found = unknown_names(text, language, [read(source, language)])
    assert [name.text for name in found] == names
    assert all(text[name.start : name.end] == name.text for name in found)
