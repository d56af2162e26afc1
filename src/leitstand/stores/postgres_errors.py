"""What does an error of PostgreSQL mean to the operator?"""

from urllib.parse import urlsplit

import asyncpg

from leitstand.domain.errors import LeitstandError, Phrase, StoreUnusable, translatable

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
    "08": (
        translatable("cannot be reached"),
        translatable("Check that the server runs and that this machine may connect to it."),
    ),
    "57": (
        translatable("does not answer: the server is starting, stopping or too slow"),
        translatable("Wait for it, or look into the log of the server; accepted cases go on by themselves."),
    ),
    "28": (
        translatable("does not let this user in"),
        translatable(
            "Check user and password: the password belongs into PGPASSFILE; pg_hba.conf decides who may connect."
        ),
    ),
    "3D": (translatable("does not exist"), translatable("Create it: CREATE DATABASE, with encoding UTF8.")),
    "25006": (
        translatable("is read-only"),
        translatable("Name the primary server, or let it take writes again; accepted cases go on by themselves."),
    ),
    "53300": (
        translatable("has no connection left for us"),
        translatable("Raise max_connections, or run fewer processes: each takes up to 8 connections."),
    ),
    "53100": (
        translatable("has no room: its disk is full"),
        translatable("Free disk space; accepted cases go on by themselves."),
    ),
    "53": (translatable("is out of resources"), translatable("Look into the log of the server.")),
    "40": (
        translatable("is busy: transactions are in each other's way"),
        translatable("Try again; nothing of this was written."),
    ),
    "42501": (
        translatable("does not allow this user what is needed"),
        translatable("Make this user the owner of the database's tables."),
    ),
    "42P01": (
        translatable("lacks a table of Leitstand"),
        translatable("Name another database, or run `leitstand db upgrade`."),
    ),
    "55": (
        translatable("is busy with what locks our tables"),
        translatable("Wait for the end of it; accepted cases go on by themselves."),
    ),
    "58": (
        translatable("could not be read or written: error of the system"),
        translatable("Check disk and log of the server."),
    ),
    "XX": (
        translatable("is corrupt or has a fault"),
        translatable("Look into the log of the server; restore the last backup if need be."),
    ),
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
    what, way_out = meaning
    detail = Phrase(translatable("it {what} ({code})"), what=Phrase(what), code=code)
    return StoreUnusable(path=database, detail=detail, way_out=way_out)


def closed(database: str) -> StoreUnusable:
    """What everybody gets who comes after the end."""
    return StoreUnusable(
        path=database, detail=translatable("it is closed"), way_out=translatable("Start Leitstand again.")
    )
