"""Is a PDF that is broken, locked or scanned refused with what to do about it?"""

import io

import fpdf
import pypdf
import pytest

from leitstand.definition.sources.pdf import read_pdf
from leitstand.domain.errors import SourceUnreadable


def document(*pages):
    pdf = fpdf.FPDF()
    pdf.set_font("Helvetica", size=11)
    for text in pages:
        pdf.add_page()
        if text:
            pdf.multi_cell(0, 6, text)
    return bytes(pdf.output())


def locked(password):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(document("Geheim")))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def picture_only():
    pdf = fpdf.FPDF()
    for _ in range(2):
        pdf.add_page()
        pdf.rect(10, 10, 100, 100, style="F")
    return bytes(pdf.output())


@pytest.mark.parametrize(
    ("content", "says", "way_out"),
    [
        (b"just text", "it is not a PDF, or is damaged", "save it as PDF again"),
        (b"%PDF-1.7\nnothing behind it", "it is not a PDF, or is damaged", "save it as PDF again"),
        (document("Text")[:400], "it is not a PDF, or is damaged", "save it as PDF again"),
        (picture_only(), "none of its 2 pages holds text; it looks scanned", "OCR"),
        (locked("secret"), "it is encrypted", "without a password"),
    ],
)
def test_what_cannot_be_read(content, says, way_out):
    with pytest.raises(SourceUnreadable) as error:
        read_pdf("a.pdf", content)
    assert says in str(error.value)
    assert way_out in error.value.values["way_out"]


def test_a_pdf_that_only_forbids_printing_is_read():
    assert read_pdf("a.pdf", locked(""))[0].blocks == ("Geheim",)


def test_pages_without_text_are_left_out_and_counted():
    assert [section.title for section in read_pdf("a.pdf", document("Eins.", "", "Drei."))] == ["p. 1", "p. 3"]


def test_words_hyphenated_at_the_end_of_a_line_are_put_together():
    text = "Die Regelung betrifft vor allem Teilzeitbeschäf-\ntigte und Nord-\nSüd-Verbindungen."
    (section,) = read_pdf("a.pdf", document(text))
    assert (
        " ".join(section.blocks) == "Die Regelung betrifft vor allem Teilzeitbeschäftigte und Nord- Süd-Verbindungen."
    )
