"""Is the support of a citation found where a reader would look for it, and nowhere else?"""

import time

import pytest

from leitstand.web.pages.citations import citations, find_support

PASSAGE = "Open the settings. Click Bluetooth to open the panel.\nMake sure that the switch is on."


def cut(text: str, span: tuple[int, int]) -> str:
    return text[span[0] : span[1]]


def test_a_sentence_that_stands_in_the_passage_is_its_own_support() -> None:
    (found,) = citations("Click Bluetooth to open the panel. [1]", [PASSAGE])
    assert cut(PASSAGE, found.support) == "Click Bluetooth to open the panel."
    assert found.verbatim


def test_white_space_and_line_breaks_do_not_matter() -> None:
    (found,) = citations("panel. Make  sure that the switch is on [1].", [PASSAGE])
    assert found.verbatim


def test_other_words_lead_to_the_sentence_that_shares_most_of_them() -> None:
    (found,) = citations("The Bluetooth panel is opened by a click. [1]", [PASSAGE])
    assert cut(PASSAGE, found.support) == "Click Bluetooth to open the panel."
    assert not found.verbatim


def test_a_statement_about_something_else_has_no_support() -> None:
    (found,) = citations("Printers need paper and ink. [1]", [PASSAGE])
    assert found.support is None


@pytest.mark.parametrize("number", ["0", "2", "99"])
def test_a_passage_that_does_not_exist_supports_nothing(number: str) -> None:
    (found,) = citations(f"Click Bluetooth to open the panel. [{number}]", [PASSAGE])
    assert (found.passage, found.support) == (int(number), None)


def test_several_numbers_in_one_bracket_are_several_citations() -> None:
    text = "Open the settings. [1, 2] Make sure that the switch is on. [1]"
    found = citations(text, [PASSAGE, "Open the settings."])
    assert [(cut(text, item.span), item.passage) for item in found] == [("1", 1), ("2", 2), ("[1]", 1)]


def test_brackets_that_are_no_citations_are_left_alone() -> None:
    assert citations("See [the manual] or [1a] or [2019].", [PASSAGE]) == ()


@pytest.mark.parametrize("statement", ["", " ", "…", "[1]"])
def test_nothing_said_needs_no_support(statement: str) -> None:
    assert find_support(statement, PASSAGE) == (None, False)


def test_long_and_hostile_texts_stay_quick() -> None:
    began = time.perf_counter()
    citations("a (.*)+ $^ [1] " * 200, ["(.*)+ a $^ " * 2000] * 3)
    assert time.perf_counter() - began < 5
