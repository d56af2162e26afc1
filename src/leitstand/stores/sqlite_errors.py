"""What does an error of SQLite mean to the operator?"""

import sqlite3
from pathlib import Path

from leitstand.domain.errors import Phrase, StoreUnusable, translatable

_CORRUPT = (
    translatable("is corrupt"),
    translatable("Restore the last backup of the folder; `leitstand doctor` says more."),
)
_NO_FILE = (
    translatable("cannot be opened"),
    translatable("Check that the path is a file and that this user may write to its folder."),
)
_READ_ONLY = (
    translatable("cannot be written to"),
    translatable("Give this user the right to write to the file and its folder, or mount the volume writable."),
)

_MEANINGS = {
    sqlite3.SQLITE_CORRUPT: _CORRUPT,
    sqlite3.SQLITE_NOTADB: (
        translatable("is not a database of Leitstand"),
        translatable("Name another file, or restore the last backup."),
    ),
    sqlite3.SQLITE_FULL: (
        translatable("has no room: the disk is full"),
        translatable("Free disk space; accepted cases go on by themselves."),
    ),
    sqlite3.SQLITE_IOERR: (
        translatable("could not be read or written: input/output error"),
        translatable("Check free space, limits and health of the disk."),
    ),
    sqlite3.SQLITE_CANTOPEN: _NO_FILE,
    sqlite3.SQLITE_PERM: _NO_FILE,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_BUSY: (
        translatable("is locked by another program"),
        translatable("Close the program that holds the database open for writing."),
    ),
    sqlite3.SQLITE_LOCKED: (
        translatable("is locked by another program"),
        translatable("Close the program that holds the database open for writing."),
    ),
    sqlite3.SQLITE_TOOBIG: (translatable("cannot take a value this large"), translatable("Send less.")),
}


def unusable(path: Path, error: sqlite3.Error) -> Exception:
    """``StoreUnusable`` for what the operator can mend; anything else is a bug of ours and becomes ``RuntimeError``."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary not in _MEANINGS:
        return RuntimeError(f"the store refused a statement: {error}")
    what, way_out = _MEANINGS[primary]
    name = getattr(error, "sqlite_errorname", "")
    detail = Phrase(translatable("it {what} ({code})"), what=Phrase(what), code=name)
    return StoreUnusable(path=path, detail=detail, way_out=way_out)


def closed(path: Path) -> StoreUnusable:
    """What everybody gets who comes after the end."""
    return StoreUnusable(path=path, detail=translatable("it is closed"), way_out=translatable("Start Leitstand again."))
