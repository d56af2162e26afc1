"""How much does a word say about each text that holds it? BM25, computed once when an index is made.

Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond", with the never negative inverse
document frequency of Lucene, ``ln(1 + (N - n + 0.5) / (n + 0.5))``.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
"""How soon more of the same word says nothing new."""
B = 0.75
"""How much a long text is discounted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Postings:
    """One stem: numbers of the texts that hold it, and its weight in each (shapes equal)."""

    stem: str
    numbers: NDArray[np.int32]
    weights: NDArray[np.float32]


def postings(texts: Mapping[int, Sequence[str]]) -> Iterator[Postings]:
    """The postings of all stems, sorted by stem; ``texts`` maps a text's number to its stems, repeated ones included.

    The score of a text for a question is the sum of the weights of the question's different stems.
    """
    average = sum(map(len, texts.values())) / len(texts) if texts else 0.0
    numbers: dict[str, list[int]] = {}
    weights: dict[str, list[float]] = {}
    for number, stems in texts.items():
        damping = K1 * (1 - B + B * len(stems) / average) if average else K1
        for stem, count in Counter(stems).items():
            numbers.setdefault(stem, []).append(number)
            weights.setdefault(stem, []).append(count * (K1 + 1) / (count + damping))
    for stem in sorted(numbers):
        holding = len(numbers[stem])
        rarity = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
        yield Postings(
            stem=stem,
            numbers=np.array(numbers[stem], dtype=np.int32),
            weights=np.array(weights[stem], dtype=np.float32) * np.float32(rarity),
        )
