"""What is an index made of, whoever keeps it? Passages, what of them is searched, and the pages they lie on."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from json.encoder import encode_basestring_ascii

import numpy as np
from numpy.typing import NDArray

from leitstand.domain.retrieval import Passage
from leitstand.vectors import Vectors

PAGE_CHARS = 4000
"""Neighbouring passages of one source make a page of at most this length, which is searched as a whole too."""


def digest(settings: Sequence[str | int], passages: Iterable[Passage]) -> str:
    """SHA-256 over the settings of an index and every field of every passage, lower-case hex."""
    found = hashlib.sha256()
    found.update(json.dumps(settings).encode() + b"\n")
    for passage in passages:
        fields = (passage.id, passage.source, passage.title, passage.text, passage.language)
        # the bytes of json.dumps in a third of its time: every start goes through all passages
        found.update(f"[{', '.join(map(encode_basestring_ascii, fields))}]\n".encode())
    return found.hexdigest()


def searchable(passage: Passage) -> str:
    """What of a passage is searched and embedded: its headings and its text."""
    return f"{passage.title}\n{passage.text}" if passage.title else passage.text


def pages_of(passages: Sequence[Passage]) -> tuple[int, ...]:
    """The number of the page that each passage belongs to."""
    pages, page = [], -1
    for _, group in groupby(passages, key=lambda passage: (passage.source, passage.language)):
        left = 0
        for passage in group:
            if left < len(passage.text):
                page, left = page + 1, PAGE_CHARS
            left -= len(passage.text)
            pages.append(page)
    return tuple(pages)


def page_vectors(vectors: Vectors | None, pages: Sequence[int]) -> NDArray[np.float32]:
    """The mean of the vectors of each page's passages, of length one."""
    if vectors is None or not pages:
        return np.empty((0, 0), dtype=np.float32)
    sums = np.zeros((max(pages) + 1, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, np.array(pages), vectors)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    means: NDArray[np.float32] = sums / np.maximum(lengths, np.finfo(np.float32).tiny)
    return means
