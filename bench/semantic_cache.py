"""How often does a question that means the same find its answer, and how often one that only looks alike?

``python -m bench.semantic_cache`` chooses the threshold on one half of the topics, and prints what it finds in the
other half and in pairs that nothing was chosen on. A hit is false when the second question is not the first: that
answer would be wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bench.paraphrases import FRESH, TOPICS, Pair, pairs

from leitstand.domain.statistics import proportion_interval
from leitstand.language.same_question import conflict
from leitstand.ports import Embedder
from leitstand.retrievers.embedders.usem3 import Usem3
from leitstand.vectors import likeness, packed

MOST_FALSE = 0.01
"""Of the pairs of the tuning half that must not hit, at most so many may."""
STEPS = [round(0.8 + step / 100, 2) for step in range(20)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A pair with how alike it is, and what forbids a hit whatever its likeness."""

    pair: Pair
    likeness: float
    conflict: str

    def hits(self, threshold: float, *, guarded: bool) -> bool:
        """Whether the second question would get the answer of the first."""
        return self.likeness >= threshold and not (guarded and self.conflict)


def judged(embedder: Embedder, path: Path = TOPICS) -> tuple[Judged, ...]:
    """Every pair of a file, as the cache looks at it."""
    every = pairs(path)
    texts = list(dict.fromkeys(text for pair in every for text in (pair.one, pair.other)))
    vectors = dict(zip(texts, np.asarray(embedder.embed(texts, query=True)), strict=True))
    return tuple(
        Judged(
            pair=pair,
            likeness=float(likeness(vectors[pair.other], [packed(vectors[pair.one])])[0]),
            conflict=conflict(pair.other, pair.one, pair.language),
        )
        for pair in every
    )


def threshold_of(tuning: Sequence[Judged]) -> float:
    """The lowest threshold that lets at most ``MOST_FALSE`` of the pairs through that must not hit."""
    others = [each for each in tuning if each.pair.kind != "same"]
    return next(step for step in STEPS if _hits(others, step, guarded=True) <= MOST_FALSE * len(others))


def _hits(found: Sequence[Judged], threshold: float, *, guarded: bool) -> int:
    return sum(each.hits(threshold, guarded=guarded) for each in found)


def table(test: Sequence[Judged], threshold: float) -> str:
    """What some pairs say of a threshold, as Markdown."""
    lines = [
        "| Second question | n | hits | 95 % interval | hits by vectors alone |",
        "| --- | --- | --- | --- | --- |",
    ]
    kinds = ("same", "number", "name", "negation", "condition")
    for language in ("de", "en"):
        ours = [each for each in test if each.pair.language == language]
        rows = [(f"{language}, {kind}", [each for each in ours if each.pair.kind == kind]) for kind in kinds]
        rows.append((f"{language}, **false hits in all**", [each for each in ours if each.pair.kind != "same"]))
        lines += [_row(name, found, threshold) for name, found in rows]
    lines.append(_row("**false hits in all**", [each for each in test if each.pair.kind != "same"], threshold))
    return "\n".join(lines)


def _row(name: str, found: Sequence[Judged], threshold: float) -> str:
    hits, n = _hits(found, threshold, guarded=True), len(found)
    low, high = proportion_interval(hits, n)
    alone = _hits(found, threshold, guarded=False)
    return f"| {name} | {n} | {hits} ({hits / n:.0%}) | {low:.1%} to {high:.1%} | {alone} ({alone / n:.0%}) |"


def report() -> str:
    """The threshold and the tables."""
    embedder = Usem3()
    every, fresh = judged(embedder), judged(embedder, FRESH)
    tuning, test = ([each for each in every if each.pair.half == half] for half in ("tuning", "test"))
    threshold = threshold_of(tuning)
    head = f"{len(every)} pairs; threshold {threshold:.2f}, chosen on {len(tuning)} of them; the other {len(test)} say:"
    return f"{head}\n\n{table(test, threshold)}\n\n{len(fresh)} fresh pairs say:\n\n{table(fresh, threshold)}"


if __name__ == "__main__":
    print(report())
