"""Which numbers does a mark name?"""

import pytest

from leitstand.domain.citation import CITATION, numbers_of


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("So [1].", [1]),
        ("[1][2]", [1, 2]),
        ("[1, 2; 4]", [1, 2, 4]),
        ("[2-4]", [2, 3, 4]),
        ("[a] (1) []", []),
        ("[4-2]", [4, 2]),
    ],
)
def test_marks_and_their_numbers(text: str, numbers: list[int]) -> None:
    assert [number for mark in CITATION.findall(text) for number in numbers_of(mark)] == numbers


def test_a_range_is_cut_at_fifty() -> None:
    assert numbers_of("[1-999999]") == list(range(1, 52))
