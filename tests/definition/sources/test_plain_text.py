"""Are bytes of any encoding read as what their author typed, and lines joined as their author meant?"""

import pytest

from leitstand.definition.sources.plain_text import decoded, paragraphs
from leitstand.domain.errors import SourceUnreadable


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings_are_recognised(encoding):
    assert decoded("a.txt", "Größe: 5 €\r\nEnde\r".encode(encoding)) == "Größe: 5 €\nEnde\n"


def test_binary_data_is_not_text():
    with pytest.raises(SourceUnreadable, match=r"it is binary.*Save it as UTF-8"):
        decoded("a.txt", b"\x89PNG\r\n\x1a\n\0\0")


def test_bytes_that_nothing_explains_are_named():
    with pytest.raises(SourceUnreadable, match="byte 3 is neither utf-8 nor cp1252"):
        decoded("a.txt", b"abc\x81")


def test_a_broken_utf_16_file_is_named():
    with pytest.raises(SourceUnreadable, match="utf-16"):
        decoded("a.txt", b"\xff\xfea")


def test_wrapped_lines_are_joined_and_short_ones_are_not():
    text = (
        "Dieser Absatz wurde von einem Editor am rechten Rand\numbrochen und gehört zusammen.\n\n"
        "Adresse:\nMusterweg 1\n12345 Musterstadt\n   \n"
        "Eine lange Zeile, nach der eine Aufzählung beginnt, steht hier:\n- erstens\n- zweitens"
    )
    assert paragraphs(text) == (
        "Dieser Absatz wurde von einem Editor am rechten Rand umbrochen und gehört zusammen.",
        "Adresse:",
        "Musterweg 1",
        "12345 Musterstadt",
        "Eine lange Zeile, nach der eine Aufzählung beginnt, steht hier:",
        "- erstens",
        "- zweitens",
    )
