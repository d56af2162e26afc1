"""What do tests of retrieval search in, and with which embedder?"""

import hashlib
from collections.abc import Sequence

import numpy as np

from leitstand.domain.retrieval import Passage


class Trigrams:
    """An embedder that counts letter trigrams, and the texts that it was asked for."""

    def __init__(self, name="trigrams:1", dimensions=64):
        self.id = name
        self.asked: list[str] = []
        self._dimensions = dimensions

    def embed(self, texts: Sequence[str], *, query: bool):
        if not query:
            self.asked.extend(texts)
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            padded = f"  {text.lower()} "
            for start in range(len(padded) - 2):
                digest = hashlib.blake2b(padded[start : start + 3].encode(), digest_size=2).digest()
                vectors[row, int.from_bytes(digest) % self._dimensions] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


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
