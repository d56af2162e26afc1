"""Is a Word document that would do harm refused before it is unpacked?"""

import io
import zipfile

import docx
import pytest

from leitstand.definition.sources import docx as reader
from leitstand.definition.sources.docx import read_docx
from leitstand.domain.errors import SourceUnreadable


def document(text="Ein Satz."):
    made = docx.Document()
    made.add_paragraph(text)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def with_part(name, content):
    file = io.BytesIO(document())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def replaced(name, change):
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document())) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part.filename, change(content) if part.filename == name else content)
    return file.getvalue()


def empty_zip():
    file = io.BytesIO()
    zipfile.ZipFile(file, "w").close()
    return file.getvalue()


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    [
        b"just text",
        b"PK\x03\x04broken",
        document()[:-200],
        empty_zip(),
        replaced("word/document.xml", lambda _: b"<w:document"),
        replaced("word/document.xml", lambda xml: BOMB + xml.split(b"?>", 1)[1]),
        replaced("[Content_Types].xml", lambda _: b""),
    ],
)
def test_what_is_not_a_word_document(content):
    with pytest.raises(SourceUnreadable, match=r"it is not a Word document .*save it as \.docx again"):
        read_docx("a.docx", content)


def test_a_zip_bomb_is_refused_unopened(monkeypatch):
    bomb = with_part("word/media/image1.bin", bytes(200 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("a part was unpacked"))
    with pytest.raises(SourceUnreadable, match=r"it would unpack to 200 MiB in .* at most 128 MiB"):
        read_docx("a.docx", bomb)


def test_too_many_parts_are_refused(monkeypatch):
    monkeypatch.setattr(reader, "MAX_PARTS", 5)
    with pytest.raises(SourceUnreadable, match="parts; at most 128 MiB in 5"):
        read_docx("a.docx", document())


def test_pictures_are_left_out():
    (section,) = read_docx("a.docx", with_part("word/media/image1.png", b"\x89PNG"))
    assert section.blocks == ("Ein Satz.",)
