"""Are words, stems and languages read rightly, and is every word where it says it is?"""

import threading
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.language import words as words_module
from leitstand.language.words import carries_content, form, forms, is_negation, language_of, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("F11 drücken", ["F11", "drücken"]),
        ("1.000,50 Euro", ["1.000,50", "Euro"]),
        ("don’t do_it", ["don’t", "do", "it"]),
        ("um 14:30 Uhr, USB-3", ["um", "14:30", "Uhr", "USB", "3"]),
        ("...", []),
    ],
)
def test_words_are_cut(text: str, found: list[str]) -> None:
    assert [word.text for word in words(text, "de")] == found


@given(st.text(max_size=80), st.sampled_from(["de", "en", "", "xx"]))
def test_every_word_is_where_it_says(text: str, language: str) -> None:
    found = words(text, language)
    assert [text[word.start : word.end] for word in found] == [word.text for word in found]
    assert all(first.end <= second.start for first, second in pairwise(found))


def test_forms_of_a_word_share_a_stem() -> None:
    assert len({word.stem for word in words("Einstellung Einstellungen EINSTELLUNG", "de")}) == 1
    assert len({word.stem for word in words("printer printers Printers", "en")}) == 1


def test_function_words_and_negations_carry_no_content() -> None:
    (the, printer, does, nicht) = words("the printer does not", "en")
    assert [carries_content(word, "en") for word in (the, printer, does, nicht)] == [False, True, False, False]
    assert is_negation(nicht, "en")
    assert is_negation(words("keine", "de")[0], "de")
    assert is_negation(words("can’t", "en")[0], "en")


@pytest.mark.parametrize(
    ("text", "otherwise", "language"),
    [
        ("Der Drucker ist nicht an.", "en", "de"),
        ("The printer is not on.", "de", "en"),
        ("Drucker", "de", "de"),
        ("Printer", "fr", "en"),
        ("", "de", "de"),
    ],
)
def test_the_language_is_told_by_function_words(text: str, otherwise: str, language: str) -> None:
    assert language_of(text, otherwise) == language


def test_threads_do_not_disturb_each_others_stems() -> None:
    texts = [f"Einstellungen Drucker{number} Verbindungen settings{number} connections" for number in range(300)]
    alone = [[word.stem for word in words(text, "de")] for text in texts]
    found: dict[int, list[list[str]]] = {}

    def run(number: int) -> None:
        found[number] = [[word.stem for word in words(text + f" Anlagen{number}", "de")][:-1] for text in texts]

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(stems == alone for stems in found.values())


def test_only_so_many_words_are_remembered_and_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words_module, "MOST_REMEMBERED", 50)
    known = words_module._FORMS["de"]
    known.clear()
    letters = [f"wort{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(120)]
    assert [each.folded for each in forms(" ".join(letters), "de")] == letters
    assert 0 < len(known) <= 50
    kept = dict(known)
    assert [each.folded for each in forms("4711 A1b2 12.50", "de")] == ["4711", "a1b2", "12.50"]
    assert known == kept


@pytest.mark.parametrize("language", ["de", "en", "fr", ""])
def test_a_word_is_the_same_remembered_or_not(language: str) -> None:
    text = "Nicht alle Häuser haben keine Türen, but not every house is described"
    assert forms(text, language) == forms(text, language) == tuple(word.form for word in words(text, language))
    assert [form(word.text, language) for word in words(text, language)] == list(forms(text, language))
