"""What does an error of PostgreSQL mean to the operator?"""

from urllib.parse import urlsplit

import asyncpg

from leitstand.domain.errors import LeitstandError, StoreUnusable

LOST = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the last word of a dying server may come in the middle of anything
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)

_MEANINGS: dict[str, tuple[str, str]] = {
    "08": ("cannot be reached", "Check that the server runs and that this machine may connect to it."),
    "57": (
        "does not answer: the server is starting, stopping or too slow",
        "Wait for it, or look into the log of the server; accepted cases go on by themselves.",
    ),
    "28": (
        "does not let this user in",
        "Check user and password: the password belongs into PGPASSFILE; pg_hba.conf decides who may connect.",
    ),
    "3D": ("does not exist", "Create it: CREATE DATABASE, with encoding UTF8."),
    "25006": (
        "is read-only",
        "Name the primary server, or let it take writes again; accepted cases go on by themselves.",
    ),
    "53300": (
        "has no connection left for us",
        "Raise max_connections, or run fewer processes: each takes up to 8 connections.",
    ),
    "53100": ("has no room: its disk is full", "Free disk space; accepted cases go on by themselves."),
    "53": ("is out of resources", "Look into the log of the server."),
    "40": ("is busy: transactions are in each other's way", "Try again; nothing of this was written."),
    "42501": ("does not allow this user what is needed", "Make this user the owner of the database's tables."),
    "42P01": ("lacks a table of Leitstand", "Name another database, or run `leitstand db upgrade`."),
    "55": (
        "is busy with what locks our tables",
        "Wait for the end of it; accepted cases go on by themselves.",
    ),
    "58": ("could not be read or written: error of the system", "Check disk and log of the server."),
    "XX": ("is corrupt or has a fault", "Look into the log of the server; restore the last backup if need be."),
}
"""By SQLSTATE, or by its class: what is wrong, and what to do."""


def shown(url: str) -> str:
    """The address of a database without its password."""
    try:
        parts = urlsplit(url)
        place = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "postgresql://…"
    user = f"{parts.username}@" if parts.username else ""
    return f"postgresql://{user}{parts.hostname or ''}{place}{parts.path}"


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone, so that nobody heard what became of the statement that was sent."""
    # A value that the driver cannot send is an error of its interface as well.
    return isinstance(error, LOST) and not isinstance(error, asyncpg.DataError)


def unusable(database: str, error: BaseException) -> Exception:
    """``StoreUnusable`` for what the operator can mend; anything else is a bug of ours and becomes ``RuntimeError``."""
    if isinstance(error, LeitstandError):
        return error
    code = str(getattr(error, "sqlstate", None) or "")
    if not code and is_lost(error):
        code = "57" if isinstance(error, TimeoutError) else "08"
    meaning = _MEANINGS.get(code) or _MEANINGS.get(code[:2])
    if not meaning:
        # What the server says of single values stands in its detail, which is not for the log.
        return RuntimeError(f"the store refused a statement: {getattr(error, 'message', None) or error!r}")
    detail, way_out = meaning
    return StoreUnusable(path=database, detail=f"it {detail} ({code})", way_out=way_out)


def closed(database: str) -> StoreUnusable:
    """What everybody gets who comes after the end."""
    return StoreUnusable(path=database, detail="it is closed", way_out="Start Leitstand again.")
