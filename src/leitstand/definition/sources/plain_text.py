"""How do bytes become text, and plain text blocks?"""

import codecs
import re

from leitstand.definition.sources.section import Section, one_line, unreadable
from leitstand.domain.errors import Phrase, translatable

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EMPTY_LINE = re.compile(r"\n[^\S\n]*+\n\s*+")
_ITEM = re.compile(r"\s*(?:[-*•–·]|\d{1,3}[.)]|[a-z]\))\s")
_WRAPPED = 50
"""A line shorter than this was not broken by a right margin."""


def decoded(path: str, content: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else Windows-1252; line ends become those of Unix.

    Raises ``SourceUnreadable`` for binary data and for bytes that no encoding explains.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    if not encoding and b"\0" in content:
        raise unreadable(
            path,
            Phrase(translatable("it is binary, or UTF-16 without a byte order mark")),
            Phrase(translatable("Save it as UTF-8 text.")),
        )
    text = _decoded(path, content, (encoding,) if encoding else ("utf-8", "cp1252"))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded(path: str, content: bytes, encodings: tuple[str, ...]) -> str:
    place = 0
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            place = error.start
    raise unreadable(
        path,
        Phrase(translatable("byte {place} is neither {encoding}"), place=place, encoding=" nor ".join(encodings)),
        Phrase(translatable("Save it as UTF-8 text.")),
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """Blocks of plain text: empty lines part them, lines broken by a margin are joined, list items stay apart."""
    found: list[str] = []
    for paragraph in _EMPTY_LINE.split(text):
        found.extend(_joined(paragraph.split("\n")))
    return tuple(found)


def _joined(lines: list[str]) -> list[str]:
    blocks: list[list[str]] = []
    before = ""
    for line in lines:
        goes_on = len(before) >= _WRAPPED and not _ITEM.match(line)
        if blocks and goes_on:
            blocks[-1].append(line)
        else:
            blocks.append([line])
        before = line.strip()
    return [block for block in (one_line(" ".join(block)) for block in blocks) if block]


def read_text(path: str, content: bytes) -> tuple[Section, ...]:
    """One section without a title."""
    return (Section(source=path, title="", blocks=paragraphs(decoded(path, content))),)
