"""What did the newest drill of a workflow show, as its report tells it?"""

from collections.abc import Mapping

import msgspec

from leitstand.domain.report import Report


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What struck, where, and how often."""

    at: str
    fault: str
    delivered: int


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with its bounds; ``measured`` is None when it could not be measured."""

    text: str
    measured: float | None
    met: bool


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario and what came of it: ``passed``, ``failed``, or ``error`` when it was not drilled."""

    id: str
    status: str
    titles: Mapping[str, str] = {}
    why: str = ""
    faults: tuple[Fault, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    seconds: float = 0.0


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A protection that was left out, and whether its scenario noticed."""

    protection: str
    scenario: str
    caught: bool
    because: str = ""


class Drilled(msgspec.Struct, frozen=True, kw_only=True):
    """A whole drill, the scenarios that did not pass first."""

    verdict: str
    suite: str
    seed: int
    store: str
    seconds: float
    scenarios: tuple[Scenario, ...]
    mutations: tuple[Proof, ...] = ()


_READ = msgspec.json.Decoder(Drilled).decode


def drill_of(report: Report | None) -> Drilled | None:
    """The drill that a report tells of; None without a report, and for one that cannot be read."""
    try:
        drilled = _READ(report.body) if report else None
    except msgspec.MsgspecError:
        return None
    if drilled is None:
        return None
    worst_first = tuple(sorted(drilled.scenarios, key=lambda scenario: scenario.status == "passed"))
    return msgspec.structs.replace(drilled, scenarios=worst_first)
