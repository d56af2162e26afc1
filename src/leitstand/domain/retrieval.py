"""What was asked of the sources, what they are cut into, and how rankings are fused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A cut of a source.

    ``id`` is stable for the same source path and text; ``title`` is the heading path; ``language`` is an ISO 639-1
    code or ``""`` when unknown.
    """

    id: str
    source: str
    title: str
    text: str
    language: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What is looked for: text, its language (``""`` when unknown) and how many passages at most."""

    text: str
    language: str
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A passage with its score; higher is better, comparable only within one result."""

    passage: Passage
    score: float


Ranking = Mapping[str, float]
"""Passage id to score, higher is better."""


def min_max(ranking: Ranking, lowest: float, highest: float) -> dict[str, float]:
    """Scores mapped from ``lowest .. highest`` of the whole index to 0 .. 1, clipped; all 0 when there is no spread.

    Min-max normalisation, as compared with rank fusion in Bruch et al. 2023, "An Analysis of Fusion Functions for
    Hybrid Retrieval", section 3.
    """
    spread = highest - lowest
    if spread <= 0:
        return dict.fromkeys(ranking, 0.0)
    scaled = {name: (score - lowest) / spread for name, score in ranking.items()}
    return {name: score if 0.0 <= score <= 1.0 else float(score > 0) for name, score in scaled.items()}


def fuse(rankings: Iterable[Ranking]) -> dict[str, float]:
    """The mean of the rankings, in which a name that one of them does not know counts as 0 there.

    Rankings in which nothing scores above 0 found nothing and have no say: with no word found, vectors decide alone.
    """
    spoken = [ranking for ranking in rankings if any(score > 0 for score in ranking.values())]
    sums: dict[str, float] = {}
    for ranking in spoken:
        for name, score in ranking.items():
            sums[name] = sums.get(name, 0.0) + score
    return {name: total / len(spoken) for name, total in sums.items()}


def best(scores: Ranking, limit: int) -> list[tuple[str, float]]:
    """The ``limit`` highest scores, highest first; equal ones by name, so that equal questions get equal answers."""
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
