"""What was asked of the sources, what they are cut into, and how rankings are fused."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A cut of a source.

    ``id`` is stable for the same source path and text; ``title`` is the heading path; ``language`` is an ISO 639-1 code or ``""``
    when unknown.
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
