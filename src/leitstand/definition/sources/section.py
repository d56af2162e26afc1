"""What does every reader make of a file? Sections: a heading path, and the blocks of text below it."""

from collections.abc import Iterable
from dataclasses import dataclass

from leitstand.domain.errors import Phrase, SourceUnreadable, translatable

MAX_FILE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Text below one heading.

    ``source`` is what citations call it; ``title`` the heading path; ``blocks`` are paragraphs, list items and table
    rows, each without line breaks; ``language`` is ``""`` unless the file itself says it.
    """

    source: str
    title: str
    blocks: tuple[str, ...]
    language: str = ""


def heading_path(parts: Iterable[str]) -> str:
    """Headings from the outermost to the innermost, as shown to people."""
    return " › ".join(part for part in parts if part)


def one_line(text: str) -> str:
    """``text`` with every run of white space replaced by one space."""
    return " ".join(text.split())


def unreadable(path: str, detail: Phrase, way_out: Phrase) -> SourceUnreadable:
    """The error for a file that is not what it claims to be."""
    return SourceUnreadable(path=path, detail=detail, way_out=way_out)


def without_text(path: str) -> SourceUnreadable:
    """The error for a file that holds no text."""
    return unreadable(
        path,
        Phrase(translatable("it holds no text")),
        Phrase(translatable("Put text into it, or leave it out of the sources.")),
    )
