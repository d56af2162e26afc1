"""Is Markdown read with its structure, and is HTML inside it treated like any other?"""

import time

import pytest

from leitstand.definition.sources.markdown import read_markdown


def shown(text):
    return [(section.title, *section.blocks) for section in read_markdown("a.md", text.encode())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Title\n=====\n\na *b* `c`\nd", [("Title", "a b c d")]),
        ("# A\n\n## B\n\n> quoted\n\n1. one\n2. two", [("A › B", "quoted", "one", "two")]),
        ("a\n\n<div hidden>no</div>\n\n<script>no</script>\n\nb", [("", "a", "b")]),
        ("[link](http://example.org) ![picture](x.png)", [("", "link")]),
        ("---\ntitle: T\ndate: 2026\n---\nx", [("T", "x")]),
        ("---\nno front matter", [("", "no front matter")]),
        ("    a\n    b", [("", "a", "b")]),
        ("a &lt; b", [("", "a < b")]),
    ],
)
def test_structure(text, expected):
    assert shown(text) == expected


@pytest.mark.parametrize("piece", ["[", "*a ", "> ", "a*", "![", "[a](", "|"])
def test_hostile_markdown_ends(piece):
    started = time.process_time()
    read_markdown("a.md", (piece * 5_000).encode())
    assert time.process_time() - started < 10
