"""Which level of a chain answered how often, and why was the target chosen first left?"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from leitstand.domain.attempt import Attempts


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """Answered cases of one release that went the same way through its chain: how many, and which way."""

    release_digest: str
    attempts: Attempts
    drafted: bool
    fallback: bool
    cases: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainUse:
    """How the chain of a release was used.

    ``answers`` counts the answered cases by the target that gave the draft, None for those without one. ``left`` counts
    the fallbacks among them by why the target chosen first was left: each once, so that they add up to the rate.
    """

    answers: Mapping[int | None, int]
    left: Mapping[str, int]

    @property
    def answered(self) -> int:
        """All answered cases."""
        return sum(self.answers.values())

    @property
    def fallbacks(self) -> int:
        """Those that needed another target than the first."""
        return sum(self.left.values())

    def percent(self, cases: int) -> float | None:
        """Their share of the answered cases; of none it is unknown."""
        return 100 * cases / self.answered if self.answered else None


UNUSED = ChainUse(answers={}, left={})


def uses(ways: Iterable[Way]) -> dict[str, ChainUse]:
    """Digest of a release to how its chain was used."""
    answers: defaultdict[str, Counter[int | None]] = defaultdict(Counter)
    left: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for way in ways:
        answers[way.release_digest][answered_by(way)] += way.cases
        if way.fallback:
            left[way.release_digest][why_left(way.attempts)] += way.cases
    return {digest: ChainUse(answers=answers[digest], left=left[digest]) for digest in answers}


def answered_by(way: Way) -> int | None:
    """The target that gave the draft: of two that were asked beside each other, the one that counted."""
    if not way.drafted or not way.attempts:
        return None
    first = way.attempts[0].target
    if not way.fallback:
        return first
    others = [attempt.target for attempt in way.attempts if attempt.error == "" and attempt.target != first]
    return others[-1] if others else first


def why_left(attempts: Attempts) -> str:
    """Why the target chosen first gave no draft: the error of its last attempt, or why that was withheld."""
    of_first = [attempt for attempt in attempts if attempt.target == attempts[0].target]
    last = of_first[-1] if of_first else None
    return (last.withheld or last.error or UNKNOWN) if last else UNKNOWN


UNKNOWN = "unknown"
