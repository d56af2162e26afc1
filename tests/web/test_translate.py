"""Are texts found, filled and chosen in the language of the reader?"""

import pytest

from leitstand.domain.errors import Phrase
from leitstand.web.translate import choose_language, translate, translate_count


def test_a_template_is_its_own_english_text() -> None:
    assert translate("There is no case {case_id}.", {"case_id": "7"}, "en") == "There is no case 7."
    assert translate("There is no case {case_id}.", {"case_id": "7"}, "de") == "Es gibt keinen Fall 7."


def test_a_phrase_among_the_values_is_translated_as_well() -> None:
    detail = Phrase("nobody is signed in")
    assert translate("Denied: {detail}.", {"detail": detail}, "de") == "Verweigert: niemand ist angemeldet."


@pytest.mark.parametrize("value", ["{case_id}", "{0.__class__}", "%s", "{", "}"])
def test_values_are_inserted_as_they_are(value: str) -> None:
    assert translate("There is no case {case_id}.", {"case_id": value}, "en") == f"There is no case {value}."


def test_an_unknown_text_and_a_missing_value_are_shown_rather_than_raised() -> None:
    assert translate("Nobody wrote this down.", {}, "de") == "Nobody wrote this down."
    assert translate("There is no case {case_id}.", {}, "de") == "Es gibt keinen Fall {case_id}."
    assert translate("", {}, "de") == ""


@pytest.mark.parametrize(("count", "said"), [(0, "0 Tagen"), (1, "1 Tag"), (2, "2 Tagen")])
def test_counts_choose_their_form(count: int, said: str) -> None:
    assert translate_count("{n} day", "{n} days", count, {}, "de") == said


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "de-AT,de;q=0.9,en;q=0.8", "de"),
        (None, "fr,en;q=0.4,de;q=0.7", "de"),
        (None, "en-GB,de;q=0.9", "en"),
        (None, "de;q=nonsense,en;q=0.1", "en"),
        (None, "fr, it", "en"),
        ("de", "en", "de"),
        ("xx", "de", "de"),
    ],
)
def test_the_switch_wins_over_the_browser(chosen: str | None, accepted: str, language: str) -> None:
    assert choose_language(chosen, accepted) == language
