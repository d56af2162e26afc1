"""How does Markdown become sections?"""

import re

from leitstand.definition.sources.html import read_markup
from leitstand.definition.sources.plain_text import decoded
from leitstand.definition.sources.section import Section

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<body>.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"""^title\s*:\s*["']?(?P<title>[^\n"']{1,300})""", re.MULTILINE)


def read_markdown(path: str, content: bytes) -> tuple[Section, ...]:
    """Sections of CommonMark with tables; HTML inside is read as HTML, a front matter gives only its title."""
    from markdown_it import MarkdownIt  # only for making an index

    text = decoded(path, content)
    front = _FRONT_MATTER.match(text)
    titled = _TITLE.search(front["body"]) if front else None
    markup = MarkdownIt("commonmark").enable("table").render(text[front.end() :] if front else text)
    if titled:
        markup = f"<title>{titled['title'].replace('<', '&lt;')}</title>{markup}"
    return read_markup(path, markup)
