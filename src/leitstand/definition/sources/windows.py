"""How is the text of a section cut into passages of even size?"""

import math
from collections.abc import Iterable, Iterator, Sequence

from leitstand.domain.sentences import Span, sentences


def windows(blocks: Sequence[str], size: int, overlap: int = 0) -> list[str]:
    """Cuts of the blocks at sentence ends, each at most ``size`` characters, of about equal length.

    Blocks are joined by line breaks. ``overlap`` sentences are repeated from the cut before as far as the size allows.
    A sentence longer than ``size`` is cut at white space, a word longer than that anywhere: nothing is lost.
    """
    text, spans = _joined(blocks, size)
    if not spans:
        return []
    return [text[cut[0].start : cut[-1].end] for cut in _cuts(spans, size, overlap)]


def _joined(blocks: Iterable[str], size: int) -> tuple[str, list[Span]]:
    """The whole text, and its sentences, none longer than ``size``."""
    texts: list[str] = []
    spans: list[Span] = []
    offset = 0
    for block in blocks:
        for span in sentences(block):
            spans.extend(_fitting(block, span, size, offset))
        texts.append(block)
        offset += len(block) + 1
    return "\n".join(texts), spans


def _fitting(text: str, span: Span, size: int, offset: int) -> Iterator[Span]:
    start, end = span
    while end - start > size:
        space = text.rfind(" ", start + 1, start + size + 1)
        cut = space if space > start + size // 2 else start + size
        yield Span(offset + start, offset + cut)
        start = cut + (text[cut] == " ")
    if end > start:
        yield Span(offset + start, offset + end)


def _cuts(spans: Sequence[Span], size: int, overlap: int) -> Iterator[list[Span]]:
    """Sentences in groups: a group ends where the next sentence does not fit, or lies beyond its even share."""
    length = spans[-1].end - spans[0].start
    goal = length / math.ceil(length / size)
    group: list[Span] = []
    repeated = ends = 0
    for span in spans:
        middle = (span.start + span.end) / 2 - spans[0].start
        if len(group) > repeated and (span.end - group[0].start > size or middle > goal * (ends + 1)):
            yield group
            ends += 1
            group = [last for last in group[repeated:][-overlap:] if overlap and span.end - last.start <= size]
            repeated = len(group)
        group.append(span)
    yield group
