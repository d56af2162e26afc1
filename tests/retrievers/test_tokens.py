"""Are texts searched by stems, and German compounds by their parts?"""

import pytest

from leitstand.retrievers.tokens import parts, tokens, vocabulary

KNOWN = frozenset(
    {"barriere", "freiheit", "symbol", "taste", "tasten", "kürzel", "netz", "netzwerk", "werk", "verbindung"}
)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("tastenkürzel", ["tasten", "kürzel"]),
        ("barrierefreiheitssymbol", ["barriere", "freiheit", "symbol"]),
        ("verbindungssymbol", ["verbindung", "symbol"]),
        ("netzwerk", ["netz", "werk"]),
        ("kürzel", []),
        ("tastenfeld", []),
        ("", []),
        ("taste" * 1000, []),
    ],
)
def test_compounds_are_split_into_known_words(word, expected):
    assert parts(word, KNOWN) == expected


def test_a_hostile_word_takes_no_time():
    known = frozenset("a" * length for length in range(4, 30))
    assert parts("a" * 59 + "b", known) == []


def test_function_words_are_left_out_unless_there_is_nothing_else():
    assert tokens("Wie ist das mit dem Drucker?", "de", ()) == ["druck"]
    assert tokens("Wie ist das?", "de", ()) != []


def test_languages_that_write_compounds_apart_are_left_alone():
    assert vocabulary(["The keyboard shortcut"], "en") == frozenset()
    assert tokens("keyboard shortcuts", "en", frozenset({"keyboard"})) == ["keyboard", "shortcut"]
    assert vocabulary(["Die Taste, das A, der Rat und 1234"], "de") == frozenset({"taste"})
