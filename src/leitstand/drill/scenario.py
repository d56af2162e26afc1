"""What is a drill scenario: which faults strike where, under which load, and what must hold?

The fields are the keys of a scenario's TOML file; their metadata makes its schema, its messages and its reference page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from leitstand.domain.keys import PER_LANGUAGE, described

Option = str | int | float | bool
Options = Mapping[str, Option]

At = Literal[
    "primary",
    "secondary",
    "receiver",
    "tool",
    "retrieval",
    "guards",
    "input",
    "database",
    "disk",
    "releases",
    "clock",
    "worker",
    "operator",
    "zone",
    "price",
    "budget",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class SteadyState:
    """What has to work before anything breaks: the primary model answers, and its draft is delivered."""

    cases: int = field(
        default=1,
        metadata=described("Cases that must be delivered before the faults begin.", minimum=0, maximum=100),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Inject:
    """One fault: where it strikes, what it does, how often."""

    at: At = field(metadata=described("The seam at which it strikes.", examples=["primary"]))
    fault: str = field(metadata=described("What it does there.", minLength=1, examples=["status"]))
    match: str = field(
        default="",
        metadata=described(
            "Only what this pattern is found in: key (case, dash, attempt) and body of a model's call, the text, the "
            "event's type."
        ),
    )
    times: int = field(default=0, metadata=described("How often at most; 0 for every time.", minimum=0))
    prob: float = field(
        default=1.0, metadata=described("How probably it strikes each time.", exclusiveMinimum=0, maximum=1)
    )
    options: Options = field(default_factory=dict, metadata=described("Options of the fault."))


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """How many cases come, and how many at once; their inputs are those that the workflow answers when all is well."""

    cases: int = field(default=4, metadata=described("Cases that come.", minimum=1, maximum=10_000))
    concurrency: int = field(default=4, metadata=described("Cases that come at once.", minimum=1, maximum=1_000))
    most_running: int = field(
        default=64, metadata=described("Cases that the process works on at once.", minimum=1, maximum=10_000)
    )
    most_waiting: int = field(
        default=1_000, metadata=described("Cases that may wait for their turn.", minimum=0, maximum=100_000)
    )
    settle_seconds: float = field(
        default=10.0,
        metadata=described("The cases come to rest within this time.", exclusiveMinimum=0, maximum=600),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Expect:
    """A figure of what happened, and its bounds; at least one of them."""

    figure: str = field(metadata=described("What is counted or measured.", minLength=1, examples=["delivered"]))
    of: str = field(default="", metadata=described("Of what: a model, a kind of error, an event, a guard's verdict."))
    at_least: float | None = field(default=None, metadata=described("Lowest value that is right."))
    at_most: float | None = field(default=None, metadata=described("Highest value that is right."))


@dataclass(frozen=True, kw_only=True, slots=True)
class Recover:
    """How soon everything works again after the faults ended."""

    within_seconds: float = field(
        default=5.0,
        metadata=described("The steady state is back within this time.", exclusiveMinimum=0, maximum=600),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """A scenario as written in its file."""

    id: str = field(metadata=described("Short name.", pattern="^[A-Za-z][A-Za-z0-9-]{0,31}$", examples=["P1"]))
    title: Mapping[str, str] = field(metadata=described("What breaks and what holds, per language.", **PER_LANGUAGE))
    inject: tuple[Inject, ...] = field(metadata=described("The faults.", minItems=1))
    expect: tuple[Expect, ...] = field(metadata=described("What must hold.", minItems=1))
    steady_state: SteadyState = field(
        default_factory=SteadyState, metadata=described("What has to work before anything breaks.")
    )
    load: Load = field(default_factory=Load, metadata=described("The cases that come while it breaks."))
    recover: Recover | None = field(
        default=None, metadata=described("What has to work again afterwards; left out where nothing heals.")
    )
