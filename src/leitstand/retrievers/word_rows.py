"""Which words of an index lead where? Rows of stems with their weights in passages and in pages, per language."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from leitstand.domain.retrieval import Passage
from leitstand.retrievers.bm25 import postings
from leitstand.retrievers.index_inputs import searchable
from leitstand.retrievers.tokens import tokens, vocabulary

StemsOf = Callable[[Sequence[str], str], Sequence[Sequence[str]]]
"""The stems of each of some texts in one language, repeated ones included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WordRow:
    """One stem of one language; numbers of the ``passages`` or ``pages`` with it (int32) and its weights (float32)."""

    kind: str
    language: str
    stem: str
    numbers: bytes
    weights: bytes


def parts_by_language(passages: Sequence[Passage]) -> dict[str, frozenset[str]]:
    """The words of each language that may be parts of compounds."""
    return {
        language: vocabulary((searchable(passage) for passage in passages if passage.language == language), language)
        for language in sorted({passage.language for passage in passages})
    }


def stems(texts: Sequence[str], language: str, parts: Collection[str]) -> list[list[str]]:
    """The stems of the texts as Leitstand makes them."""
    return [tokens(text, language, parts) for text in texts]


def word_rows(passages: Sequence[Passage], pages: Sequence[int], stems_of: StemsOf) -> Iterator[WordRow]:
    """All rows. Each language is weighted by itself: another one does not make its words look rare."""
    for language in sorted({passage.language for passage in passages}):
        numbers = [number for number, passage in enumerate(passages) if passage.language == language]
        texts = stems_of([searchable(passages[number]) for number in numbers], language)
        by_passage = dict(zip(numbers, texts, strict=True))
        members = {page: list(group) for page, group in groupby(numbers, key=pages.__getitem__)}
        names = stems_of([PurePosixPath(passages[group[0]].source).stem for group in members.values()], language)
        by_page = {
            page: [*name, *(stem for number in members[page] for stem in by_passage[number])]
            for page, name in zip(members, names, strict=True)
        }
        yield from _rows("passages", language, by_passage)
        yield from _rows("pages", language, by_page)


def _rows(kind: str, language: str, stems_by_number: Mapping[int, Sequence[str]]) -> Iterator[WordRow]:
    for each in postings(stems_by_number):
        numbers, weights = each.numbers.astype("<i4").tobytes(), each.weights.astype("<f4").tobytes()
        yield WordRow(kind=kind, language=language, stem=each.stem, numbers=numbers, weights=weights)
