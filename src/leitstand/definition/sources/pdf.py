"""How does a PDF become sections? One a page, in reading order as far as the file tells it."""

import io
import re
import warnings

from leitstand.definition.sources.plain_text import paragraphs
from leitstand.definition.sources.section import Section, unreadable
from leitstand.domain.errors import Phrase, SourceUnreadable, translatable

_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\n(?=[a-zäöüß])")
MAX_PAGES = 5000


def read_pdf(path: str, content: bytes) -> tuple[Section, ...]:
    """A section a page, titled ``p. 7``; words hyphenated at a line's end are put together.

    Raises ``SourceUnreadable`` for what is no PDF, is encrypted, or holds pictures of text only.
    """
    if b"%PDF-" not in content[:1024]:
        raise _not_one(path, "%PDF-")
    try:
        pages = _pages(path, content)
    except SourceUnreadable:
        raise
    except Exception as error:  # the parser lets through whatever a broken file trips over
        raise _not_one(path, type(error).__name__) from error
    sections = tuple(
        Section(source=path, title=f"p. {number}", blocks=paragraphs(_HYPHENATED.sub("", text)))
        for number, text in enumerate(pages, start=1)
        if text.strip()
    )
    if not sections:
        raise unreadable(
            path,
            Phrase(translatable("none of its {pages} pages holds text; it looks scanned"), pages=len(pages)),
            Phrase(translatable("Run text recognition (OCR) on it, and save it with its text.")),
        )
    return sections


def _pages(path: str, content: bytes) -> list[str]:
    import pypdf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the parser warns of oddities in files that it reads all the same
        reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise unreadable(
                path,
                Phrase(translatable("it is encrypted")),
                Phrase(translatable("Save it without a password.")),
            )
        if len(reader.pages) > MAX_PAGES:
            raise unreadable(
                path,
                Phrase(
                    translatable("it has {pages} pages; at most {most} are read"),
                    pages=len(reader.pages),
                    most=MAX_PAGES,
                ),
                Phrase(translatable("Split it.")),
            )
        return [page.extract_text() or "" for page in reader.pages]


def _not_one(path: str, found: str) -> SourceUnreadable:
    detail = Phrase(translatable("it is not a PDF, or is damaged ({found})"), found=found)
    return unreadable(path, detail, Phrase(translatable("Open it in a viewer and save it as PDF again.")))
