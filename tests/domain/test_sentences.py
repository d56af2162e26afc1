"""Are German and English texts split where a reader would? Shown by examples, properties and hostile input."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.sentences import sentences


def split(text):
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Am 3. März 2024 begann es.", "Danach war Ruhe."],
        ["Im 20. Jahrhundert und am 1. Mai galt das.", "Heute nicht."],
        ["Das kostet z. B. Geld.", "Oder z.B. Zeit."],
        ["Siehe Abs. 2 Nr. 5 der Satzung.", "Dr. Müller prüft das ggf. Anfang Mai."],
        ["Er traf J. S. Bach in Leipzig.", "Sie nicht."],
        ["Es waren 308.", "Die Panthers gewannen."],
        ["Die Antwort ist 42.", "Das genügt."],
        ["Der Preis liegt bei 3.500,50 Euro bzw. 3,5 Mio. Euro.", "Mehr nicht!"],
        ["Wilhelm II. regierte lange.", "Dann nicht mehr."],
        ["Dr. Smith lives in the U.S. and works for Mr. Jones, e.g. on Mondays.", "It rains."],
        ["He moved to the U.S.", "The house was cheap."],
        ["Version 3.14 is out.", "See fig. 3 for details."],
        ["He said “Stop!”", "Then he left."],
        ["„Was?“ fragte er.", "Niemand antwortete."],
        ["Klicken Sie auf Einstellungen .", "Öffnen Sie das Panel ."],
        ["So ist es [1].", "So auch hier. [2]", "Und hier.[1, 3]", "Ende."],
        ["Wait ...", "What?", "No."],
        ["Take vitamin C.", "It helps."],
        ["So do I.", "He does not."],
        ["Ja", "Nein"],
    ],
)
def test_splits_where_a_reader_would(expected):
    separator = "\n" if expected[0] == "Ja" else " "
    assert split(separator.join(expected)) == expected


def test_wrapped_lines_stay_together_and_list_items_do_not():
    assert split("Ein Satz, der\nweitergeht.\n- Erstens\n- Zweitens\n\nschluss") == [
        "Ein Satz, der\nweitergeht.",
        "- Erstens",
        "- Zweitens",
        "schluss",
    ]
    assert split("1. Öffnen Sie das Menü.\n2. Klicken Sie.") == ["1. Öffnen Sie das Menü.", "2. Klicken Sie."]


@given(st.text(alphabet='aB1. !?\n[]äÖ…"“,zdh', max_size=200) | st.text(max_size=200))
def test_every_visible_character_lies_in_exactly_one_sentence(text):
    spans = sentences(text)
    assert all(first.end <= second.start for first, second in pairwise(spans))
    assert "".join("".join(text[a:b] for a, b in spans).split()) == "".join(text.split())
    assert all(text[a:b] == text[a:b].strip() != "" for a, b in spans)


@pytest.mark.parametrize("piece", [".", "[1]", ". ", "a.\n", "\n ", ' "', "1.", ".x", " ", "\t\n"])
def test_hostile_text_takes_linear_time(piece):
    started = time.perf_counter()
    sentences(piece * (100_000 // len(piece)))
    assert time.perf_counter() - started < 5
