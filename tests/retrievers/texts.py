"""What do tests of retrieval search in?"""

from leitstand.domain.retrieval import Passage
from leitstand.testing.trigrams import Trigrams

__all__ = ["ENGLISH", "GERMAN", "Trigrams", "passage"]


def passage(number, text, *, language="de", title="", source=""):
    return Passage(id=f"p{number}", source=source or f"s{number}", title=title, text=text, language=language)


GERMAN = (
    passage(1, "Der Drucker wird über das WLAN verbunden.", title="Drucker"),
    passage(2, "Das Barrierefreiheitssymbol steht oben. Jedes Symbol lässt sich ausblenden. Freiheit für alle."),
    passage(3, "Bildschirme werden in den Einstellungen gedreht."),
    passage(4, "Die Tastatur hat eine deutsche Belegung.", source="tastatur-belegung"),
)
ENGLISH = (
    passage(11, "The printer is connected over the wireless network.", language="en", title="Printer"),
    passage(12, "Screens are rotated in the settings.", language="en"),
)
