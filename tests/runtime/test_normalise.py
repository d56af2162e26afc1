import time

import ftfy
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leitstand.domain.workflow import Normalisation
from leitstand.runtime.normalise import LARGEST_GROWTH, Normalised, normalise, repaired

SETTINGS = Normalisation(text="text")

MARKERS = [
    "Am 3. Mai 2024 schrieb A:",
    "On 3 May 2024, A wrote:",
    "-----Ursprüngliche Nachricht-----",
    "> a",
    ">",
    "-- ",
]
HEADERS = ["Von: A", "An: B", "Betreff: c", "Gesendet: heute", "________________"]
CLOSINGS = ["--", "Mit freundlichen Grüßen", "Tel.: 030 123", "www.example.org", "Muster GmbH", "Sent from my iPhone"]
SIGNS = ["Text.", "", " ", "\u00a0", "\u2028", "Ã¼", "\u200b", "ﬃ"]
PIECES = st.sampled_from([*MARKERS, *HEADERS, *CLOSINGS, *SIGNS])
MAILS = st.lists(PIECES, max_size=30).map("\n".join)
TEXTS = st.one_of(MAILS, st.text(max_size=300), st.text("Ãâ€šÂ \u0080\u0099¼ü\r\n>-", max_size=60))


def cleaned(text: str) -> Normalised:
    return normalise({"text": text}, SETTINGS)


@given(TEXTS)
@example("Â ¬Ü")  # stripping a blank uncovers more mojibake
@example("Von: A\nAm 3. Mai 2024 schrieb A:\n-- \nAn: B\nAn: B")  # a signature takes headers away
@settings(max_examples=500)
def test_what_came_out_of_it_goes_through_unchanged(text: str):
    once = cleaned(text)
    again = normalise(once.fields, SETTINGS)
    assert again.text == once.text
    assert again.fields == once.fields
    assert again.changes == ()


@given(TEXTS)
def test_nothing_grows_beyond_the_bound_and_nothing_vanishes(text: str):
    result = cleaned(text)
    parts = (result.text, result.quoted, result.signature)
    assert sum(map(len, parts)) <= LARGEST_GROWTH * len(text)
    letters = sum(letter.isalnum() for letter in repaired(text))
    assert sum(letter.isalnum() for part in parts for letter in part) == letters


@given(
    st.dictionaries(
        st.sampled_from(["text", "other", "x"]),
        st.recursive(
            st.none() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        ),
    ),
    st.lists(st.sampled_from(["de", "en", "fr", "xx", "yy"]), min_size=1, unique=True),
)
def test_it_never_raises_and_names_one_of_the_languages(given_input: dict[str, object], languages: list[str]):
    result = normalise(given_input, Normalisation(text="text", languages=tuple(languages)))
    assert result.language in languages
    assert result.fields.keys() == given_input.keys()


@pytest.mark.parametrize(
    ("text", "expected", "changes"),
    [
        ("SchÃ¶ne GrÃ¼ÃŸe", "Schöne Grüße", ("unicode",)),
        ("Ich mÃ¶chte â€žzurückâ€œ", "Ich möchte „zurück“", ("unicode",)),
        ("scho\u0308n", "schön", ("unicode",)),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd", ("line_endings",)),
        ("a\x00b\x1b[31mc\u202ed\u200be\u00adf\U000e0041", "abcdef", ("unicode",)),
        ("a \u00a0 \tb   \n\n\n\n\nc\t\n", "a    b\n\nc", ("whitespace",)),
        ("„Anführung“ – so", "„Anführung“ – so", ()),
        ("<b>fett</b> &amp; mehr", "<b>fett</b> &amp; mehr", ()),
        ("  \n ", "", ("whitespace",)),
        ("\ud83d", "\ufffd", ("unicode",)),
    ],
)
def test_text_is_cleaned(text: str, expected: str, changes: tuple[str, ...]):
    result = cleaned(text)
    assert (result.text, result.changes) == (expected, changes)
    assert result.fields == {"text": expected}


def test_other_fields_are_repaired_and_nothing_more():
    given_input = {"text": "x", "name": "MÃ¼ller  \r\n", "list": ["MÃ¼ller", {"k": "a\u0308"}], "n": 3}
    result = normalise(given_input, SETTINGS)
    assert result.fields == {"text": "x", "name": "Müller  \n", "list": ["Müller", {"k": "ä"}], "n": 3}
    assert result.changes == ("other_fields",)


@pytest.mark.parametrize(
    ("text", "languages", "expected"),
    [
        ("Wie lange kann ich die Ware zurückgeben?", ("en", "de"), "de"),
        ("How long can I return the goods?", ("de", "en"), "en"),
        ("Wie lange?", ("de",), "de"),
        ("12345", ("en", "de"), "en"),
        ("", ("en", "de"), "en"),
    ],
)
def test_the_language_is_one_that_the_workflow_serves(text: str, languages: tuple[str, ...], expected: str):
    assert normalise({"text": text}, Normalisation(text="text", languages=languages)).language == expected


def test_history_stays_where_the_workflow_wants_it():
    mail = "Hallo\n\nAm 3. Mai 2024 schrieb A:\n> alt\n> älter"
    assert normalise({"text": mail}, Normalisation(text="text", strip_quoted=False)).text == mail
    assert cleaned(mail).text == "Hallo"


def test_a_field_that_is_no_text_is_left_alone():
    assert normalise({"text": 3}, SETTINGS).fields == {"text": 3}
    assert normalise({}, SETTINGS).text == ""


@pytest.mark.parametrize(
    "text",
    [
        "--\n" * 10_000,
        "> a\n> b\nx\n" * 3000,
        "Am 1 " + "schrieb " * 4000,
        "a" + " " * 30_000 + "b",
        "Von: x\nAn: x\n" * 2500,
        "Ã" * 30_000,
        "ä\u0301" * 15_000,
        "MfG\n" + "a@" * 15_000,
        "Am 1\n" * 7000,
    ],
)
def test_no_text_makes_it_slow(text: str):
    began = time.monotonic()
    cleaned(text)
    assert time.monotonic() - began < 3


def test_the_short_cut_for_plain_text_changes_nothing():
    """What is skipped for speed would have come out the same."""
    text = "Äpfel, Öl, Übung, groß, § 5, 10 €, „so“, ‚so‘ – nicht… a\tb\nc ~ !"
    assert ftfy.fix_text(text, ftfy.TextFixerConfig(unescape_html=False, uncurl_quotes=False)) == text == repaired(text)
