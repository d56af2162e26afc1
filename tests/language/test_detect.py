"""Is the language of short questions told, names and all?"""

import json
from pathlib import Path

import pytest

from leitstand.language.detect import detected

DATA = Path(__file__).parents[1] / "data" / "retrieval"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ein Konto entfernen", "de"),
        ("Wo liegen die Harvard Medical School und die School of Public Health?", "de"),
        ("When did Carl Wilhelm Scheele discover oxygen?", "en"),
        ("Drucker einrichten", "de"),
        ("Printer setup", "en"),
        ("", ""),
        ("4711 / 0815", ""),
        ("\U0001f600", ""),
    ],
)
def test_short_texts(text, expected):
    assert detected(text) == expected


def test_one_language_needs_no_guess():
    assert detected("Anything", ["en"]) == "en"
    assert detected("Anything", []) == ""


def test_languages_without_a_list_of_function_words_are_told_by_letters():
    assert detected("Où se trouve l'imprimante du deuxième étage ?", ("de", "en", "fr")) == "fr"
    assert detected("Wo steht der Drucker im zweiten Stock?", ("de", "en", "fr")) == "de"


@pytest.mark.parametrize("language", ["de", "en"])
def test_real_questions(language):
    lines = (DATA / f"help_{language}" / "queries.jsonl").read_text("utf-8").splitlines()
    told = [detected(json.loads(line)["query"]) for line in lines]
    assert len(told) == 80
    assert told.count(language) >= 79
