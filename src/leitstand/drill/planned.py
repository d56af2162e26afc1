"""Does a planned fault strike now, and how often was it delivered?"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leitstand.drill.scenario import Inject, Option


class Heeded(Mapping[str, Option]):
    """The options of a fault, and which of them nobody has looked at: a wrong name would change nothing, unnoticed."""

    def __init__(self, options: Mapping[str, Option]) -> None:
        self._options = dict(options)
        self.ignored = set(self._options)

    def __getitem__(self, name: str) -> Option:
        option = self._options[name]
        self.ignored.discard(name)
        return option

    def __iter__(self) -> Iterator[str]:
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)


@dataclass(kw_only=True, slots=True)
class Planned:
    """A fault of a scenario: ``strikes`` says whether it acts now, whoever acts counts it as delivered.

    The same seed draws the same lots. ``lifted`` faults strike no more.
    """

    spec: Inject
    lots: random.Random
    struck: int = 0
    delivered: int = 0
    lifted: bool = True
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        self.pattern = re.compile(self.spec.match)

    def strikes(self, what: str = "") -> bool:
        """Whether it acts on this; it is used up by ``times``."""
        used_up = self.spec.times and self.struck >= self.spec.times
        if self.lifted or used_up or not self.pattern.search(what):
            return False
        if self.spec.prob < 1 and self.lots.random() >= self.spec.prob:
            return False
        self.struck += 1
        return True

    def number(self, name: str, default: float) -> float:
        """A numeric option."""
        return float(self.spec.options.get(name, default))


def planned(spec: tuple[Inject, ...], seed: str, canary: str) -> tuple[Planned, ...]:
    """The faults of a scenario, each with lots of its own; ``{canary}`` in their texts becomes the secret."""
    return tuple(
        Planned(spec=_with_secret(inject, canary), lots=random.Random(f"{seed}-{place}"))  # noqa: S311
        for place, inject in enumerate(spec)
    )


def _with_secret(inject: Inject, canary: str) -> Inject:
    options = {
        name: value.replace("{canary}", canary) if isinstance(value, str) else value
        for name, value in inject.options.items()
    }
    return replace(inject, options=Heeded(options))


def at(planned: Sequence[Planned], *seams: str) -> tuple[Planned, ...]:
    """The faults of some seams."""
    return tuple(fault for fault in planned if fault.spec.at in seams)


def unused(planned: Sequence[Planned]) -> str:
    """Which faults were never delivered, else which options nobody looked at; empty when all were used."""
    undelivered = [f"{fault.spec.fault} at {fault.spec.at}" for fault in planned if not fault.delivered]
    if undelivered:
        return f"not delivered: {', '.join(undelivered)}"
    options = ((fault.spec, fault.spec.options) for fault in planned)
    ignored = [
        f"{name} of {spec.fault} at {spec.at}"
        for spec, given in options
        if isinstance(given, Heeded)
        for name in sorted(given.ignored)
    ]
    return f"options that nothing heeds: {', '.join(ignored)}" if ignored else ""


def lift(planned: Sequence[Planned], *, lifted: bool) -> None:
    """Let the faults strike no more, or from now on."""
    for fault in planned:
        fault.lifted = lifted
