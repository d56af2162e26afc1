"""Is every text in German, compiled, with the values of its English template, and none hidden in a page?"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import texts  # noqa: E402 - tools are no package

TEMPLATES = ROOT / "src/leitstand/web/templates"
VALUE = re.compile(r"\{(\w+)\}")


def test_every_text_is_translated() -> None:
    missing = [str(text) for text in texts.untranslated(texts.updated())]
    assert not missing, "run `python tools/texts.py`, then translate in leitstand.po:\n" + "\n".join(missing)


def test_the_catalogue_holds_nothing_else_and_is_compiled() -> None:
    catalogue = texts.updated()
    stale = "run `python tools/texts.py`"
    assert texts.CATALOGUE.with_suffix(".mo").read_bytes() == texts.as_mo(catalogue), stale


def pairs() -> Iterator[tuple[str, str]]:
    for message in texts.updated():
        english = message.id if isinstance(message.id, tuple) else (message.id,)
        german = message.string if isinstance(message.string, tuple | list) else (message.string,)
        yield from zip(english, german, strict=True)


def test_translations_name_the_same_values() -> None:
    differing = [
        (english, german) for english, german in pairs() if set(VALUE.findall(english)) != set(VALUE.findall(german))
    ]
    assert not differing


class Words(HTMLParser):
    """Texts between tags and in the attributes that people read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("title", "placeholder", "aria-label", "alt")]


SAME_IN_BOTH = {"DE", "EN", "Deutsch", "English", "Leitstand", "JSON", "n ="}


def literal_texts(template: str) -> list[str]:
    """Texts that stand in a template as they are."""
    template = re.sub(r"\{% block kind %\}[\w-]+|\{% set described %\}.*?\{% endset %\}", "", template)
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL)
    words = Words()
    words.feed(bare)
    told = (" ".join(text.split()).strip(" –·,:()\"'#") for text in words.found)
    return [text for text in told if re.search(r"[^\W\d_]{2}", text) and text not in SAME_IN_BOTH]


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_no_template_holds_a_text_of_its_own(path: Path) -> None:
    assert not literal_texts(path.read_text("utf-8"))


def test_a_text_in_a_template_is_noticed() -> None:
    assert literal_texts('<p title="Hidden">{{ _("Shown") }} and more</p>') == ["Hidden", "and more"]
