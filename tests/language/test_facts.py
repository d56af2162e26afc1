"""Do German and English spellings of one number or date read alike, and different ones differently?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.language.facts import canonical_number, facts, known_values


def readings(text: str) -> list[set[str]]:
    return [set(fact.readings) for fact in facts(text)]


@pytest.mark.parametrize(
    "text",
    [
        "9. März 2024",
        "9. Mrz. 2024",
        "09.03.2024",
        "9.3.24",
        "2024-03-09",
        "March 9, 2024",
        "Mar 9, 2024",
        "9 March 2024",
        "9th of March 2024",
    ],
)
def test_spellings_of_a_date(text: str) -> None:
    (fact,) = facts(f"Am {text} war es.")
    assert (fact.kind, fact.text, fact.readings) == ("date", text, {"2024-03-09"})


def test_slashes_leave_day_and_month_open() -> None:
    assert readings("03/09/2024") == [{"2024-03-09", "2024-09-03"}]
    assert readings("31/12/2024") == [{"2024-12-31"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.000,50", {"1000.5"}),
        ("1,000.50", {"1000.5"}),
        ("1’000", {"1000", "1"}),
        ("1.000", {"1000", "1"}),
        ("0.125", {"0.125"}),
        ("1.234.567", {"1234567"}),
        ("1,5 Millionen", {"1500000"}),
        ("1.5 million", {"1500000"}),
        ("2 Mrd", {"2000000000"}),
        ("6½", {"6.5"}),
        ("-5", {"-5"}),
        ("007", {"7"}),
        ("F11", {"f11"}),
        ("USB-3", {"usb3"}),
        ("3.11.2", {"3.11.2"}),
        ("14:30", {"14:30"}),
        ("drei", {"3"}),
        ("Seven", {"7"}),
    ],
)
def test_spellings_of_a_number(text: str, expected: set[str]) -> None:
    assert readings(text) == [expected]


@pytest.mark.parametrize("text", ["You may 5 times", "außer Acht lassen", "32. März 2024x", "kein", "13/13/2024 ?"])
def test_what_is_no_date(text: str) -> None:
    assert all(fact.kind == "number" for fact in facts(text))


def test_a_date_makes_its_parts_known() -> None:
    assert {"2024-03-09", "2024-03", "--03-09", "2024", "9"} <= known_values("am 9. März 2024")
    assert "2024" in known_values("March 2024")


def test_numbers_of_list_items_state_nothing() -> None:
    assert [fact.text for fact in facts("1. Öffnen\n2) Drücken Sie 3 Tasten", stated=True)] == ["3"]
    assert len(facts("1. Öffnen\n2) Drücken Sie 3 Tasten")) == 3


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_grouping_and_decimal_marks_do_not_matter(whole: int, cents: int) -> None:
    english, german = f"{whole:,}.{cents:02d}", f"{whole:,}".replace(",", ".") + f",{cents:02d}"
    plain = f"{whole}.{cents:02d}".rstrip("0").rstrip(".")
    assert {plain} <= known_values(english)
    assert {plain} <= known_values(german)


@given(st.text(max_size=60))
def test_facts_lie_inside_the_text_and_are_known_to_it(text: str) -> None:
    known = known_values(text)
    for fact in facts(text):
        assert text[fact.start : fact.end] == fact.text
        assert fact.readings <= known


@pytest.mark.parametrize(
    ("word", "value"), [("9,000", "9000"), ("1990s", "1990"), ("six", "6"), ("house", None), ("5gb", None)]
)
def test_numbers_in_comparisons(word: str, value: str | None) -> None:
    assert canonical_number(word) == value
