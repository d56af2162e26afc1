"""Do the files of a workflow become the passages that a reader would expect?"""

import io
from pathlib import Path

import docx
import fpdf
import pytest

from leitstand.definition.sources import READERS, cut, matching
from leitstand.domain.errors import SourceUnreadable
from leitstand.domain.workflow import Retrieval, SourceSpec

DATA = Path(__file__).parents[2] / "data" / "sources"


def passages(files, *patterns, **settings):
    sources = tuple(SourceSpec(path=pattern) for pattern in patterns or files)
    return cut(files, Retrieval(sources=sources, **settings))


def shown(files, *patterns, **settings):
    return [(each.title, each.text, each.language) for each in passages(files, *patterns, **settings)]


def stored(name):
    return {f"knowledge/{name}": (DATA / name).read_bytes()}


def test_markdown_with_headings_a_table_and_umlauts():
    assert shown(stored("handbuch.md")) == [
        ("Handbuch für Beschäftigte", "Gültig ab dem 1. Januar 2026.", "de"),
        (
            "Urlaub",
            (
                "Der Urlaubsanspruch beträgt 30 Tage im Jahr. Er verfällt am 31. März des Folgejahres, z. B. wenn er "
                "nicht genommen wurde."
            ),
            "de",
        ),
        (
            "Urlaub › Übertragung",
            (
                "Grund: Krankheit; Frist: 15 Monate; Zuständig: Personalabteilung\n"
                "Grund: Elternzeit; Frist: bis nach der Rückkehr; Zuständig: Frau Müller"
            ),
            "de",
        ),
        ("Urlaub › Formulare", "Antrag auf Übertragung\nÄrztliches Attest\npersonal@example.org", "de"),
    ]


def test_html_without_what_a_reader_does_not_see():
    assert shown(stored("policy.html")) == [
        ("Travel policy", "Valid from 3 March 2026 — see the intranet.", "en"),
        ("Trains", "Second class is paid up to € 200.", "en"),
        (
            "Trains › Delays",
            (
                "Refunds\nDelay: 60 minutes; Refund: 25 %\nDelay: 120 minutes; Refund: 50 %\n"
                "Keep the ticket.\nSend the form."
            ),
            "en",
        ),
    ]


def test_text_in_the_encoding_of_old_editors():
    assert shown(stored("notiz_cp1252.txt")) == [("", "Grüße aus Köln: der Preis beträgt 5 €.\nZweiter Absatz.", "de")]


def test_json_lines_name_their_sources():
    found = passages(stored("faq.jsonl"))
    assert [(each.source, each.title, each.text, each.language) for each in found] == [
        ("vpn", "VPN", "Öffnen Sie den Client. Melden Sie sich an.", "de"),
        ("printer", "", "Press the green button.", "en"),
    ]


def test_word_with_headings_a_table_and_umlauts():
    document = docx.Document()
    document.add_heading("Dienstreisen", 1)
    document.add_paragraph("Die Genehmigung gilt für Züge und Flüge.")
    document.add_paragraph("Bahncard", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Stufe", "Betrag"
    row = table.add_row()
    row.cells[0].text, row.cells[1].text = "Übernachtung", "120 €"
    file = io.BytesIO()
    document.save(file)
    assert shown({"reise.docx": file.getvalue()}) == [
        ("Dienstreisen", "Die Genehmigung gilt für Züge und Flüge.\nBahncard\nStufe: Übernachtung; Betrag: 120 €", "de")
    ]


def test_a_pdf_of_300_pages_knows_its_pages():
    pdf = fpdf.FPDF()
    pdf.set_font("Helvetica", size=11)
    for number in range(1, 301):
        pdf.add_page()
        pdf.cell(text=f"Seite {number}: Die Kündigungsfrist für Größe {number} beträgt {number} Tage.")
    found = passages({"vertrag.pdf": bytes(pdf.output())})
    assert len(found) == 300
    assert [found[6].title, found[6].text] == [
        "p. 7",
        "Seite 7: Die Kündigungsfrist für Größe 7 beträgt 7 Tage.",
    ]
    assert {each.language for each in found} == {"de"}
    assert len({each.id for each in found}) == 300


def test_ids_stay_the_same_while_path_and_text_do():
    before = passages({"a.md": b"# One\nFirst.\n# Two\nSecond.", "b.txt": b"Third."})
    after = passages({"a.md": b"# Zero\nNew.\n# One\nFirst.\n# Two\nSecond, changed.", "b.txt": b"Third."})
    assert before[0].id == after[1].id
    assert before[1].id != after[2].id
    assert before[2].id == after[3].id
    assert passages({"c.txt": b"Third."})[0].id != before[2].id
    assert before[0].id == "459c01f71af69ade"


def test_equal_texts_of_one_file_have_ids_of_their_own():
    found = passages({"a.md": b"# One\nSame.\n# One\nSame."})
    assert [each.id for each in found] == [found[0].id, f"{found[0].id}-2"]


def test_a_language_that_is_given_is_not_guessed():
    source = SourceSpec(path="a.txt", language="en")
    assert cut({"a.txt": b"Das ist ein deutscher Satz."}, Retrieval(sources=(source,)))[0].language == "en"


def test_each_passage_of_a_mixed_file_has_its_own_language():
    text = "# Hilfe\nDas Fenster lässt sich mit der Maus verschieben.\n# Help\nThe window can be moved with the mouse."
    assert [each.language for each in passages({"a.md": text.encode()})] == ["de", "en"]


def test_a_file_named_twice_is_cut_once():
    files = {"a/x.md": b"One.", "a/y.md": b"Two."}
    assert [each.source for each in passages(files, "a/y.md", "a/*.md")] == ["a/y.md", "a/x.md"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("k/a.md", ("k/a.md",)),
        ("k/*.md", ("k/a.md", "k/b.md")),
        ("k/**/*.md", ("k/a.md", "k/b.md", "k/deep/er/c.md")),
        ("**/c.m*", ("k/deep/er/c.md",)),
        ("k/[b].md", ("k/b.md",)),
        ("*.md", ()),
    ],
)
def test_patterns_name_files(pattern, expected):
    assert matching(dict.fromkeys(["k/b.md", "k/a.md", "k/deep/er/c.md", "k/c.txt"], b""), pattern) == expected


def test_a_path_with_brackets_is_a_path_first():
    assert matching({"k/[b].md": b"", "k/b.md": b""}, "k/[b].md") == ("k/[b].md",)


@pytest.mark.parametrize(
    ("name", "content", "says", "way_out"),
    [
        ("a.txt", b"", "it holds no text", "leave it out"),
        ("a.md", b" \n\n ", "it holds no text", "leave it out"),
        ("a.html", b"<script>alert(1)</script>", "it holds no text", "leave it out"),
        ("a.xlsx", b"PK", "nothing here reads", ".docx"),
        ("a", b"text", "nothing here reads", ".md"),
    ],
)
def test_what_holds_nothing_is_an_error(name, content, says, way_out):
    with pytest.raises(SourceUnreadable, match=says) as error:
        passages({name: content})
    assert error.value.values["path"] == name
    assert way_out in error.value.values["way_out"]


def test_a_pattern_without_files_is_an_error():
    with pytest.raises(SourceUnreadable, match=r"knowledge/\*\.md cannot be read: no file of the folder matches"):
        passages({"a.md": b"text"}, "knowledge/*.md")


def test_a_file_too_large_is_an_error(monkeypatch):
    monkeypatch.setattr("leitstand.definition.sources.cutting.MAX_FILE_BYTES", 1 << 20)
    with pytest.raises(SourceUnreadable, match="it has 2 MiB; at most 1 are read"):
        passages({"a.txt": b"word " * 500_000})


def test_every_kind_of_the_readers_is_covered_here():
    assert set(READERS) == {
        ".md", ".markdown", ".html", ".htm", ".xhtml", ".txt", ".text", ".rst", ".jsonl", ".ndjson", ".pdf", ".docx",
    }  # fmt: skip
