"""What do the cases of a workflow add up to: the three numbers that decide, and what stands beside them?"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Counts and sums over the cases accepted since a time. An empty sample gives None, never zero.

    ``response_p50`` and ``response_p95`` are microseconds from acceptance to decision; ``cost`` is in nano-units
    over ``costed`` cases, ``uncosted`` cases have an unknown cost; ``review_seconds`` is the sum over
    ``timed_reviews`` decisions.
    """

    accepted: int
    answered: int
    in_time: int
    fallbacks: int
    by_status: Mapping[str, int]
    decisions: Mapping[str, int]
    cost: int
    currency: str
    costed: int
    uncosted: int
    response_p50: int | None
    response_p95: int | None
    review_seconds: int
    timed_reviews: int
    released_unseen: int
    reuses: int = 0

    @property
    def in_time_percent(self) -> float | None:
        """Share of answered cases that were answered within the SLO."""
        return _percent(self.in_time, self.answered)

    @property
    def fallback_percent(self) -> float | None:
        """Share of answered cases that needed another target than the first."""
        return _percent(self.fallbacks, self.answered)

    @property
    def reuse_percent(self) -> float | None:
        """Share of answered cases that got an answer that was there already."""
        return _percent(self.reuses, self.answered)

    @property
    def cost_per_case(self) -> int | None:
        """Nano-units per case; None when a single cost is unknown or there is no case."""
        return None if self.uncosted or not self.costed else self.cost // self.costed

    @property
    def accepted_as_is_percent(self) -> float | None:
        """Share of human decisions that took the draft as it was."""
        return _percent(self.decisions.get("accept", 0), sum(self.decisions.values()))

    @property
    def minutes_per_case(self) -> float | None:
        """Minutes of human work per answered case; cases delivered unseen count as zero, as nobody worked on them."""
        if not self.timed_reviews or self.timed_reviews != sum(self.decisions.values()):
            return None
        return self.review_seconds / 60 / (self.timed_reviews + self.released_unseen)


def _percent(part: int, whole: int) -> float | None:
    return None if whole == 0 else 100 * part / whole
