"""How does HTML become sections? Headings, paragraphs, list items, table rows; nothing that a reader does not see."""

import codecs
import re
from collections import Counter
from collections.abc import Mapping

from leitstand.definition.sources.plain_text import decoded
from leitstand.definition.sources.section import Section, heading_path, one_line
from leitstand.definition.sources.table import Table
from leitstand.definition.sources.tags import Tag, parsed

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w-]{1,40})""")
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_NEVER_SHOWN = frozenset(
    {
        "script",
        "style",
        "template",
        "noscript",
        "svg",
        "math",
        "object",
        "iframe",
        "canvas",
        "nav",
        "select",
        "textarea",
    }
)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_INLINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
    }
    | {"s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "img", "input", "button"}
)
_CLOSED_BY = {
    "li": {"li"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "tr": {"tr", "td", "th"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "option": {"option"},
}
"""Which open element an opening tag closes, when its end tag was left out."""
_DEEPEST = 1000


def read_html(path: str, content: bytes) -> tuple[Section, ...]:
    """Sections of an HTML file; its encoding is what it declares, else what its bytes say."""
    return read_markup(path, _decoded(path, content))


def read_markup(path: str, markup: str) -> tuple[Section, ...]:
    """Sections of HTML text, with the heading path as title; the document's title stands where no heading does."""
    reader = _Reader(path)
    for item in parsed(markup):
        reader.take(item)
    return reader.finished()


def _decoded(path: str, content: bytes) -> str:
    declared = _XML_ENCODING.search(content[:300]) or _CHARSET.search(content[:2048])
    marked = content[:3] == codecs.BOM_UTF8 or content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    if declared and not marked and b"\0" not in content:
        try:
            return content.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeError):
            pass  # what it declares is wrong or unknown: its bytes decide
    return decoded(path, content)


class _Reader:
    """Collects blocks while tags go by; knows the open elements, so that hidden ones hide all that is in them."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._open: list[tuple[str, bool]] = []
        self._names: Counter[str] = Counter()
        self._pieces: list[str] = []
        self._blocks: list[str] = []
        self._sections: list[Section] = []
        self._headings: dict[int, str] = {}
        self._heading_used = True
        self._document_title = ""
        self._table: Table | None = None

    def finished(self) -> tuple[Section, ...]:
        """Everything taken so far."""
        self._end_table()
        self._end_section()
        return tuple(self._sections)

    def take(self, item: Tag | str) -> None:
        """The next tag or text."""
        if isinstance(item, str):
            if not self._hidden:
                self._pieces.append(item)
        elif item.closes:
            self._end_tag(item.name)
        else:
            self._start_tag(item.name, item.attributes)

    def _start_tag(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag not in _INLINE:
            self._end_block()
            while self._names["p"]:
                self._leave()
        if tag in _VOID:
            return
        while self._open and self._open[-1][0] in _CLOSED_BY.get(tag, ()):
            self._leave()
        hidden = self._hidden or tag in _NEVER_SHOWN or _is_hidden(attributes)
        if len(self._open) < _DEEPEST:
            self._open.append((tag, hidden))
            self._names[tag] += 1
        if not hidden:
            self._start_table_part(tag)

    def _end_tag(self, tag: str) -> None:
        if not self._names[tag]:
            return
        if tag not in _INLINE:
            self._end_block(heading=_HEADINGS.get(tag, 0))
        while self._leave() != tag:
            pass
        if tag == "table" and not self._names["table"]:
            self._end_table()

    def _leave(self) -> str:
        tag, _ = self._open.pop()
        self._names[tag] -= 1
        return tag

    @property
    def _hidden(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def _start_table_part(self, tag: str) -> None:
        if tag == "table" and self._table is None:
            self._table = Table()
        elif tag in ("tr", "td", "th") and self._table is not None and self._names["table"] <= 1:
            self._table.start(tag)  # a table inside a cell is text of that cell

    def _end_block(self, *, heading: int = 0) -> None:
        """What was collected becomes a heading, the document's title, part of a table cell, or a block."""
        raw = "".join(self._pieces)
        self._pieces.clear()
        lines = raw.split("\n") if self._names["pre"] else [raw]
        found = [line for line in map(one_line, lines) if line]
        if self._names["title"]:
            self._document_title = " ".join(found) or self._document_title
        elif self._table is not None:
            self._table.add(" ".join(found))
        elif heading and found:
            self._end_section(before=heading)
            self._headings = {level: text for level, text in self._headings.items() if level < heading}
            self._headings[heading] = " ".join(found)
            self._heading_used = False
        else:
            self._blocks.extend(found)

    def _end_table(self) -> None:
        if self._table is not None:
            self._end_block()
            self._blocks.extend(self._table.rows())
            self._table = None

    def _end_section(self, *, before: int = 1) -> None:
        """Keep the section under way; a heading with nothing below it, not even a deeper heading, is its own text."""
        self._end_block()
        headings = [text for _, text in sorted(self._headings.items())]
        if not self._blocks and headings and not self._heading_used and before <= max(self._headings):
            self._blocks = headings[-1:]
        self._heading_used = True
        title = heading_path(headings or [self._document_title])
        if self._blocks:
            self._sections.append(Section(source=self._path, title=title, blocks=tuple(self._blocks)))
        self._blocks = []


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden", "").lower() == "true"
        or _UNSEEN.search(attributes.get("style", "")) is not None
    )
