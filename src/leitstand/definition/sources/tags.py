"""Which texts and tags does a piece of HTML consist of? Read in one pass, however broken it is.

The standard library's parser takes quadratic time on unclosed comments and tags; a source may come from anywhere.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

_NAME = re.compile(r"</?([a-zA-Z][^\s/>]{0,60})")
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++))?""")
_QUOTE = re.compile("[\"']")
_RAW = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
"""What stands in these is text up to their end tag, whatever it looks like."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tag:
    """A start or end tag: its name in lower case, and what a start tag says."""

    name: str
    closes: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)


def parsed(markup: str) -> Iterator[Tag | str]:
    """Tags, and the texts between them with their entities resolved; comments and declarations are left out."""
    position = 0
    while position < len(markup):
        opening = markup.find("<", position)
        opening = len(markup) if opening < 0 else opening
        yield unescape(markup[position:opening])
        position, found = _markup_at(markup, opening)
        yield found
        if isinstance(found, Tag) and not found.closes and found.name in _RAW:
            closing = re.compile(f"</{found.name}", re.IGNORECASE | re.ASCII).search(markup, position)
            end = closing.start() if closing else len(markup)
            yield unescape(markup[position:end])
            position = end


def _markup_at(markup: str, start: int) -> tuple[int, Tag | str]:
    """Where the markup that begins at ``start`` ends, and what it is: a tag, nothing to read, or a plain ``<``."""
    if markup.startswith("<!--", start):
        return _behind(markup, "-->", start + 4), ""
    if markup.startswith(("<!", "<?"), start):
        return _behind(markup, ">", start + 2), ""
    named = _NAME.match(markup, start)
    if named is None:
        return start + 1, markup[start : start + 1]
    end = _tag_end(markup, named.end())
    closes = markup.startswith("</", start)
    said = "" if closes else markup[named.end() : end]
    attributes = {found[1].lower(): unescape((found[2] or "").strip("\"'")) for found in _ATTRIBUTE.finditer(said)}
    return end, Tag(name=named[1].lower(), closes=closes, attributes=attributes)


def _tag_end(markup: str, start: int) -> int:
    """Behind the ``>`` that ends a tag: the first one outside quotes, or the first at all when a quote never closes."""
    first = markup.find(">", start)
    end, position = first, start
    while end >= 0:
        quote = _QUOTE.search(markup, position, end)
        if quote is None:
            return end + 1
        closing = markup.find(quote[0], quote.end())
        if closing < 0:
            break
        position = closing + 1
        if position > end:
            end = markup.find(">", position)
    return first + 1 if first >= 0 else len(markup)


def _behind(markup: str, mark: str, start: int) -> int:
    found = markup.find(mark, start)
    return len(markup) if found < 0 else found + len(mark)
