"""How does a Word document become sections? Through HTML, after a look at what unpacking it would cost."""

import io
import re
import zipfile
import zlib

from leitstand.definition.sources.html import read_markup
from leitstand.definition.sources.section import Section, unreadable
from leitstand.domain.errors import Phrase, SourceUnreadable, translatable

MAX_UNPACKED_BYTES = 128 * 1024 * 1024
MAX_PARTS = 5000
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def read_docx(path: str, content: bytes) -> tuple[Section, ...]:
    """Sections of a Word document; pictures are left out.

    Raises ``SourceUnreadable`` for what is not one, and for one that would unpack to more than 128 MiB.
    """
    import mammoth

    _check(path, content)
    try:
        converted = mammoth.convert_to_html(io.BytesIO(content), convert_image=mammoth.images.img_element(lambda _: {}))
    except Exception as error:  # the converter lets through whatever a broken document trips over
        raise _not_one(path, type(error).__name__) from error
    return read_markup(path, converted.value)


def _check(path: str, content: bytes) -> None:
    """Refuse before unpacking: not a ZIP file, no document in it, too much in it, XML that defines entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if size > MAX_UNPACKED_BYTES or len(parts) > MAX_PARTS:
                raise _too_large(path, size, len(parts))
            if "word/document.xml" not in archive.namelist():
                raise _not_one(path, "word/document.xml")
            texts = [part for part in parts if part.filename.lower().endswith((".xml", ".rels"))]
            if any(_ENTITIES.search(archive.read(part)) for part in texts):
                raise _not_one(path, "<!DOCTYPE")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise _not_one(path, type(error).__name__) from error


def _too_large(path: str, size: int, parts: int) -> SourceUnreadable:
    detail = Phrase(
        translatable("it would unpack to {size} MiB in {parts} parts; at most {limit} MiB in {most} are read"),
        size=size // 1024 // 1024,
        parts=parts,
        limit=MAX_UNPACKED_BYTES // 1024 // 1024,
        most=MAX_PARTS,
    )
    return unreadable(path, detail, Phrase(translatable("Take pictures out of it, or split it.")))


def _not_one(path: str, found: str) -> SourceUnreadable:
    detail = Phrase(translatable("it is not a Word document ({found})"), found=found)
    return unreadable(path, detail, Phrase(translatable("Open it in Word or LibreOffice and save it as .docx again.")))
