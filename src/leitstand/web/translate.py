"""What does a text say in German or English?

Templates are English sentences with ``{names}``; they are the keys of the catalogue as well, so that English needs
none. German comes from ``locale/de/LC_MESSAGES/leitstand.po``, compiled by ``tools/texts.py``; a template without a
translation is shown in English.
"""

import gettext
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Formatter

from leitstand.domain.errors import Phrase

LANGUAGES = ("de", "en")
"""The languages of the pages; each is also the name of its folder in ``locale``."""

DOMAIN, LOCALE = "leitstand", Path(__file__).with_name("locale")


class _Lenient(Formatter):
    """Fills what it knows and leaves the names of the rest: a message never breaks the page it is on."""

    def get_value(self, key: int | str, args: object, kwargs: Mapping[str, object]) -> object:  # noqa: ARG002
        return kwargs.get(str(key), f"{{{key}}}")


_FILL = _Lenient()


def translate(template: str, values: Mapping[str, object], language: str) -> str:
    """``template`` in ``language``, filled from ``values``.

    A value that is a ``Phrase`` is translated as well; all others are inserted as they are, never read as templates.
    """
    text = catalogue(language).gettext(template) if template else ""
    if "{" not in text:
        return text
    said = {name: _said(value, language) for name, value in values.items()}
    return _FILL.vformat(text, (), said)


def _said(value: object, language: str) -> object:
    return translate(value.template, value.values, language) if isinstance(value, Phrase) else value


def translate_count(one: str, many: str, count: int, values: Mapping[str, object], language: str) -> str:
    """The form of a text that fits ``count``, which the template may name as ``{n}``."""
    text = catalogue(language).ngettext(one, many, count)
    return _FILL.vformat(text, (), {"n": count, **values})


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> gettext.NullTranslations:
    """The compiled catalogue; English is the language of the templates themselves."""
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, languages=[language])


def choose_language(chosen: str | None, accepted: str) -> str:
    """The chosen language, else the first of an ``Accept-Language`` header that we speak, else English."""
    if chosen in LANGUAGES:
        return chosen
    weighted = []
    for place, part in enumerate(accepted.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        if language in LANGUAGES:
            weighted.append((-_weight(weight), place, language))
    return min(weighted)[2] if weighted else "en"


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
