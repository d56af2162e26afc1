"""Where does a process find its database and its indexes, what does it know of them, and how does it hear of news?"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Clock = Callable[[], int]
"""UTC microseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexPlace:
    """Where indexes are kept: a folder, and the addresses of services for the kinds that want one (``""``: none).

    A place is never part of what an index is: the same passages have the same id everywhere.
    """

    folder: Path
    database_url: str = ""
    qdrant_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Database:
    """Where a database is, and who opens it.

    ``url`` is empty for the SQLite file ``path``; ``keys`` is the folder of the tenants' keys; ``address`` is told to
    whoever wants the file as well. A process that has not been heard of for ``lease_seconds`` has lost its cases.
    """

    path: Path
    url: str
    keys: Path
    address: str
    clock: Clock
    lease_seconds: float = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaStatus:
    """Which schema a database has, 0 when it is empty, and what is missing to the newest that this program knows.

    Programs that know the schema ``readable_from`` or a newer one may work on it.
    """

    version: int
    readable_from: int
    newest: int
    pending: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """Set when there may be something to do before the next look: cases to take up, moved pointers, stops."""

    cases: asyncio.Event = field(default_factory=asyncio.Event)
    releases: asyncio.Event = field(default_factory=asyncio.Event)
    stops: asyncio.Event = field(default_factory=asyncio.Event)
