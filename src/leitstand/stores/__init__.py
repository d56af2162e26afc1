"""Where are cases, releases and people kept? One database behind three ports; this is an opened one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from leitstand.ports import CaseStore, PeopleStore, ReleaseStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Stores:
    """An opened database.

    ``close`` returns when everything accepted is durable and the database is free for others; ``notices`` are sentences
    for the operator about what is not as it should be and yet no reason to refuse.
    """

    cases: CaseStore
    releases: ReleaseStore
    people: PeopleStore
    close: Callable[[], Awaitable[None]]
    notices: tuple[str, ...] = ()
