"""In which language is a text written?

Function words decide where they can: in a short German question they are surer than letter statistics, which take
names for foreign words. Letter statistics (langid, Lui and Baldwin 2012) decide the rest.
"""

import threading
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from leitstand.language.words import STOP_WORDS, WORD, fold

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_LOOK = 2000
"""Characters looked at; more change nothing."""
_LOCK = threading.Lock()


def detected(text: str, languages: Sequence[str] = ("de", "en")) -> str:
    """The most likely of ``languages`` (ISO 639-1), or ``""`` for a text without letters or when none is given."""
    start = text[:_LOOK]
    if not languages or not any(letter.isalpha() for letter in start):
        return ""
    if len(languages) == 1:
        return languages[0]
    if all(code in STOP_WORDS for code in languages):
        words = WORD.findall(start.lower()) if start.isascii() else list(map(fold, WORD.findall(start)))
        counts = [sum(map(STOP_WORDS[code].__contains__, words)) for code in languages]
        if counts.count(most := max(counts)) == 1:
            return languages[counts.index(most)]
    with _LOCK:
        identifier = _identifier(tuple(languages))
        return str(identifier.classify(start)[0]) if identifier.nb_classes else languages[0]


@cache
def _identifier(languages: tuple[str, ...]) -> "LanguageIdentifier":
    """The classifier restricted to ``languages``; those that it does not know are left out."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # brings NumPy, and function words mostly decide

    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE)
    identifier.set_languages([code for code in languages if code in identifier.nb_classes])
    return identifier
