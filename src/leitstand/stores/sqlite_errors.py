"""What does an error of SQLite mean to the operator?"""

import sqlite3
from pathlib import Path

from leitstand.domain.errors import StoreUnusable

_CORRUPT = ("is corrupt", "Restore the last backup of the folder; `leitstand doctor` says more.")
_NO_FILE = ("cannot be opened", "Check that the path is a file and that this user may write to its folder.")
_READ_ONLY = (
    "cannot be written to",
    "Give this user the right to write to the file and its folder, or mount the volume writable.",
)

_MEANINGS = {
    sqlite3.SQLITE_CORRUPT: _CORRUPT,
    sqlite3.SQLITE_NOTADB: ("is not a database of Leitstand", "Name another file, or restore the last backup."),
    sqlite3.SQLITE_FULL: ("has no room: the disk is full", "Free disk space; accepted cases go on by themselves."),
    sqlite3.SQLITE_IOERR: (
        "could not be read or written: input/output error",
        "Check free space, limits and health of the disk.",
    ),
    sqlite3.SQLITE_CANTOPEN: _NO_FILE,
    sqlite3.SQLITE_PERM: _NO_FILE,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_BUSY: (
        "is locked by another program",
        "Close the program that holds the database open for writing.",
    ),
    sqlite3.SQLITE_LOCKED: (
        "is locked by another program",
        "Close the program that holds the database open for writing.",
    ),
    sqlite3.SQLITE_TOOBIG: ("cannot take a value this large", "Send less."),
}


def unusable(path: Path, error: sqlite3.Error) -> Exception:
    """``StoreUnusable`` for what the operator can mend; anything else is a bug of ours and becomes ``RuntimeError``."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary not in _MEANINGS:
        return RuntimeError(f"the store refused a statement: {error}")
    detail, way_out = _MEANINGS[primary]
    name = getattr(error, "sqlite_errorname", "")
    return StoreUnusable(path=path, detail=f"it {detail} ({name})", way_out=way_out)


def closed(path: Path) -> StoreUnusable:
    """What everybody gets who comes after the end."""
    return StoreUnusable(path=path, detail="it is closed", way_out="Start Leitstand again.")
