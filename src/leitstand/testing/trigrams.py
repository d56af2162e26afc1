"""With which embedder are retrievers tested? One that counts letter trigrams: no weights, the same everywhere."""

import hashlib
import threading
from collections.abc import Sequence

import numpy as np

from leitstand.vectors import Vectors


class Trigrams:
    """An embedder that counts letter trigrams, and the passages that it was asked for."""

    def __init__(self, name: str = "trigrams:1", dimensions: int = 64) -> None:
        self.id = name
        self.asked: list[str] = []
        self._dimensions = dimensions
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str], *, query: bool) -> Vectors:
        """Shape (texts, dimensions); a text without letters is all spaces and has its trigram too."""
        if not query:
            with self._lock:
                self.asked.extend(texts)
        vectors = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            padded = f"  {text.lower()} "
            for start in range(len(padded) - 2):
                digest = hashlib.blake2b(padded[start : start + 3].encode(), digest_size=2).digest()
                vectors[row, int.from_bytes(digest) % self._dimensions] += 1
        lengths: Vectors = np.linalg.norm(vectors, axis=1, keepdims=True)
        made: Vectors = vectors / lengths
        return made
