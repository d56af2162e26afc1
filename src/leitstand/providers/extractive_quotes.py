"""Which sentences of the passages answer the question, and do they answer it at all?"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from leitstand.domain.message import Grounding
from leitstand.domain.retrieval import Passage
from leitstand.domain.sentences import Span, sentences
from leitstand.language.names import in_compound
from leitstand.language.reading import Reading, number_or_stem, read, read_source

_LONGEST_WEIGHT = 9
_PART = 0.6
_RANK = 0.5
_AS_GOOD = 0.95
_QUESTION_CHARS = 4000
_CITATION = re.compile(r"\[\s*\d")
_WORDS = re.compile(r"\w\W+\w")


@dataclass(frozen=True, kw_only=True, slots=True)
class Quoting:
    """How much is quoted and how sure one must be.

    ``min_coverage`` is the least mean of two shares of the question's words: those in the passage, and those in its
    best sentence. Calibrated in docs/decisions/0120.
    """

    min_coverage: float = 0.6
    max_sentences: int = 4
    max_chars: int = 700


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """A sentence as it stands in passage ``number`` (from 1), white space made single."""

    number: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Candidate:
    """A passage with its sentences that may be quoted, the share of the question in each, and its own score."""

    number: int
    source: str
    texts: tuple[str, ...]
    shares: tuple[float, ...]
    score: float


def quotes(grounding: Grounding, quoting: Quoting) -> tuple[Quote, ...]:
    """Sentences that answer the question, in reading order; none when the passages do not answer it.

    They come from the passage that ranks and covers best, and one from another source that is as good.
    """
    candidates = [
        candidate
        for number, passage in enumerate(grounding.passages, 1)
        if (candidate := _candidate(number, passage, grounding)) is not None
    ]
    if not candidates:
        return ()
    first = max(candidates, key=lambda candidate: candidate.score - _RANK * (candidate.number - 1))
    if first.score / 2 < quoting.min_coverage:
        return ()
    rivals = [other for other in candidates if other.source != first.source and other.score >= _AS_GOOD * first.score]
    if not rivals:
        return tuple(_window(first, quoting.max_sentences, quoting.max_chars))
    chosen = _window(first, quoting.max_sentences - 1, quoting.max_chars)
    left = quoting.max_chars - sum(len(quote.text) for quote in chosen)
    return (*chosen, *_window(rivals[0], 1, left))


def _candidate(number: int, passage: Passage, grounding: Grounding) -> _Candidate | None:
    """The passage as a candidate; None when the question shares no word with a sentence of it that can be quoted."""
    language = passage.language or grounding.language
    wanted = weights(grounding.question, language)
    total = sum(wanted.values())
    reading = read_source(passage.text, language)
    quotable = [(text, _stems(reading, span)) for span, text in _quotable(passage.text)] if total else []
    shares = tuple(_share(wanted, stems) / total for _, stems in quotable)
    if not any(shares):
        return None
    known = reading.stems | read_source(passage.title, language).stems
    score = _share(wanted, known) / total + max(shares)
    texts = tuple(text for text, _ in quotable)
    return _Candidate(number=number, source=passage.source, texts=texts, shares=shares, score=score)


def _stems(reading: Reading, span: Span) -> frozenset[str]:
    """Stems of the words inside ``span`` of the text that was read."""
    first = bisect_left(reading.found, span.start, key=lambda word: word.start)
    last = bisect_left(reading.found, span.end, key=lambda word: word.start)
    return frozenset(number_or_stem(word) for word in reading.found[first:last])


def weights(question: str, language: str) -> dict[str, float]:
    """Stem to weight of the content words of what is asked: long words say more than short ones."""
    content = read(_asked(question[:_QUESTION_CHARS]), language).content
    return {stem: float(min(len(stem), _LONGEST_WEIGHT)) for stem in content}


def _asked(text: str) -> str:
    """The questions in a text, which may be a whole letter; all of it when it asks nothing."""
    found = [text[span.start : span.end] for span in sentences(text)]
    return " ".join(sentence for sentence in found if sentence.endswith("?")) or text


def _share(wanted: Mapping[str, float], stems: frozenset[str]) -> float:
    return sum(weight * _match(stem, stems) for stem, weight in wanted.items())


def _match(stem: str, stems: frozenset[str]) -> float:
    if stem in stems:
        return 1.0
    return _PART if in_compound(stem, stems) else 0.0


def _quotable(text: str) -> Iterator[tuple[Span, str]]:
    """Sentences of two words or more, without anything that would read as a citation of ours."""
    for span in sentences(text):
        sentence = text[span.start : span.end]
        if _WORDS.search(sentence) and not _CITATION.search(sentence):
            yield span, " ".join(sentence.split())


def _window(candidate: _Candidate, most: int, chars: int) -> list[Quote]:
    """The best sentence and what follows it, then what stands before it, as far as ``most`` and ``chars`` allow.

    The best sentence is always quoted, whatever its length.
    """
    best = max(range(len(candidate.texts)), key=lambda index: candidate.shares[index])
    start, end, used = best, best + 1, len(candidate.texts[best])
    while end - start < most:
        if end < len(candidate.texts) and used + len(candidate.texts[end]) <= chars:
            used += len(candidate.texts[end])
            end += 1
        elif start > 0 and candidate.shares[start - 1] > 0 and used + len(candidate.texts[start - 1]) <= chars:
            start -= 1
            used += len(candidate.texts[start])
        else:
            break
    return [Quote(number=candidate.number, text=candidate.texts[index]) for index in range(start, end)]
