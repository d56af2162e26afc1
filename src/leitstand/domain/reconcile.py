"""Does what was recorded agree with what a provider bills, day by day and model by model?"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8})$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """What one day and one model cost, in nano-units; ``unknown`` counts calls whose cost was not recorded."""

    day: str
    model: str
    currency: str
    nanos: int
    calls: int = 0
    unknown: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What is recorded and what is billed for one day, model and currency; None where one side has nothing."""

    day: str
    model: str
    currency: str
    recorded: int | None
    billed: int | None
    unknown: int

    def agrees(self, percent: float) -> bool:
        """Whether both sides are there, nothing is unknown, and they differ by no more of what is billed."""
        if self.recorded is None or self.billed is None or self.unknown:
            return False
        return abs(self.recorded - self.billed) * 100 <= percent * abs(self.billed)


def model_name(model: str) -> str:
    """The name by which both sides are compared: without the date of a snapshot, in lower case."""
    return _DATED.sub("", model.strip().lower())


def differences(recorded: Iterable[Amount], billed: Iterable[Amount]) -> tuple[Difference, ...]:
    """Every day, model and currency of either side, in that order.

    Calls of unknown cost have no currency; they are told with the currency of their day and model where there is one.
    """
    ours, theirs = _added(recorded), _added(billed)
    currencies = {(day, model): currency for day, model, currency in sorted((*theirs, *ours)) if currency}
    ours = _added(
        replace(one, currency=one.currency or currencies.get((one.day, one.model), "")) for one in ours.values()
    )
    return tuple(
        Difference(
            day=key[0],
            model=key[1],
            currency=key[2],
            recorded=ours[key].nanos if key in ours else None,
            billed=theirs[key].nanos if key in theirs else None,
            unknown=ours[key].unknown if key in ours else 0,
        )
        for key in sorted({*ours, *theirs})
    )


def _added(amounts: Iterable[Amount]) -> dict[tuple[str, str, str], Amount]:
    found: dict[tuple[str, str, str], Amount] = {}
    for one in amounts:
        key = (one.day, model_name(one.model), one.currency.upper())
        so_far = found.get(key) or Amount(day=key[0], model=key[1], currency=key[2], nanos=0)
        found[key] = replace(
            so_far,
            nanos=so_far.nanos + one.nanos,
            calls=so_far.calls + one.calls,
            unknown=so_far.unknown + one.unknown,
        )
    return found
