"""How is each level of a chain used, how good is it, and why was the first one left? In words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leitstand.domain.errors import translatable
from leitstand.domain.evaluation import Level
from leitstand.domain.fallback import UNUSED, ChainUse
from leitstand.domain.workflow import Workflow
from leitstand.web.pages.words import CALL_ERRORS, WITHHELD, word
from leitstand.web.speech import Speech

REASONS = {
    **WITHHELD,
    **CALL_ERRORS,
    "halted": translatable("models were stopped"),
    "unknown": translatable("unknown"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelLine:
    """A level of the chain: its score on the gold cases beside its share of the answers."""

    name: str
    gold: str
    use: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseLine:
    """A release with its fallback rate, and the shares of the reasons in it."""

    digest: str
    is_active: bool
    rate: str
    reasons: tuple[tuple[str, str], ...]


def level_lines(workflow: Workflow, use: ChainUse, levels: Sequence[Level], say: Speech) -> tuple[LevelLine, ...]:
    """Every level in the order of the chain, and what no level answered; unmeasured is unknown."""
    gold = {level.place: level for level in levels}
    lines = [
        LevelLine(
            name=f"{place + 1} {target.name}",
            gold=_score(gold.get(place), say),
            use=part_of(use, use.answers.get(place, 0), say),
        )
        for place, target in enumerate(workflow.draft.chain)
    ]
    if missed := use.answers.get(None):
        lines.append(LevelLine(name=say("no draft"), gold="–", use=part_of(use, missed, say)))
    return tuple(lines)


def release_lines(used: Mapping[str, ChainUse], active: str, say: Speech) -> tuple[ReleaseLine, ...]:
    """The active release, then the others that answered, those with most answers first."""
    digests = sorted(used, key=lambda digest: (digest != active, -used[digest].answered))
    listed = digests if active in used else [active, *digests]
    return tuple(
        ReleaseLine(
            digest=digest,
            is_active=digest == active,
            rate=fallback_rate(used.get(digest, UNUSED), say),
            reasons=reasons(used.get(digest, UNUSED), say),
        )
        for digest in listed
    )


def fallback_rate(use: ChainUse, say: Speech) -> str:
    """The share of answers that needed another target than the first."""
    return part_of(use, use.fallbacks, say)


def reasons(use: ChainUse, say: Speech) -> tuple[tuple[str, str], ...]:
    """Why the first target was left, and in which share of all answers; the most frequent first."""
    listed = sorted(use.left.items(), key=lambda item: (-item[1], item[0]))
    return tuple((word(REASONS, code, say), part_of(use, cases, say)) for code, cases in listed)


def part_of(use: ChainUse, cases: int, say: Speech) -> str:
    """So many of the answers; of none it is unknown."""
    return _part(cases, use.answered, say)


def _score(level: Level | None, say: Speech) -> str:
    return _part(level.passed, level.n, say) if level else say.percent(None)


def _part(part: int, whole: int, say: Speech) -> str:
    if not whole:
        return say.percent(None)
    share = say.percent(100 * part / whole)
    return say("{share} ({part} of {whole})", share=share, part=say.number(part), whole=say.number(whole))
