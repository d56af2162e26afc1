"""Is there a database file that this process can work with, and of which schema?"""

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from leitstand.domain.errors import Phrase, StoreUnusable, translatable
from leitstand.stores.schema_steps import steps
from leitstand.stores.sqlite_errors import unusable

APPLICATION_ID = 0x4C656974
"""``Leit`` in the header of the file tells our databases from those of other programs."""

OLDEST = (3, 37, 0)
"""Strict tables and RETURNING need it."""

SOUND = (3, 51, 3)
"""Before it, two connections that checkpoint at once could corrupt the file; we keep to one, and say so."""

SMALL = 64 * 1024 * 1024
"""A file up to this size, in bytes, is checked as a whole at start; above it the check would delay the restart."""

_log = logging.getLogger(__name__)


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The one connection that writes and checkpoints; folder and file are made, the schema brought forward.

    Raises ``StoreUnusable``.
    """
    _check_library(path)
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=0, cached_statements=256
        )
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise unusable(path, error) from error
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, beside a running owner or without one; raises ``StoreUnusable``."""
    try:
        uri = f"{path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0)
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    connection.row_factory = sqlite3.Row
    return connection


def check_readable(path: Path) -> None:
    """Raise ``StoreUnusable`` unless there is a database of exactly the newest schema at ``path``."""
    if not path.is_file():
        raise StoreUnusable(
            path=path,
            detail=translatable("there is none"),
            way_out=translatable("Start the server once, or name the folder of its data."),
        )
    with closing(open_for_reading(path)) as connection:
        version = check_schema(connection, path)
    if version < steps("sqlite")[-1].version:
        detail = Phrase(
            translatable("its schema has version {version}, older than this Leitstand reads"), version=version
        )
        raise StoreUnusable(
            path=path, detail=detail, way_out=translatable("Start the server once; it brings the schema forward.")
        )


def check_schema(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the schema in the file; raises ``StoreUnusable`` for another program's file or a newer schema."""
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        program = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    if program != APPLICATION_ID and (program or version or tables):
        raise StoreUnusable(
            path=path, detail=translatable("it belongs to another program"), way_out=translatable("Name another file.")
        )
    newest = steps("sqlite")[-1].version
    if version > newest:
        known = translatable("its schema has version {version}, this Leitstand knows up to {newest}")
        detail = Phrase(known, version=version, newest=newest)
        raise StoreUnusable(
            path=path,
            detail=detail,
            way_out=translatable("Start the newer Leitstand that wrote it, or restore an older backup."),
        )
    return version


def notices() -> tuple[Phrase, ...]:
    """What the operator should know about the SQLite library of this interpreter."""
    if sqlite3.sqlite_version_info >= SOUND:
        return ()
    notice = translatable(
        "SQLite {version} of this Python is older than {sound}, which mends a rare corruption when several connections "
        "checkpoint. Leitstand keeps to one: let no other program write to the file meanwhile."
    )
    return (Phrase(notice, version=sqlite3.sqlite_version, sound=".".join(map(str, SOUND))),)


def _check_library(path: Path) -> None:
    if sqlite3.sqlite_version_info < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        old = translatable("this Python brings SQLite {version}, at least {oldest} is needed")
        detail = Phrase(old, version=sqlite3.sqlite_version, oldest=oldest)
        raise StoreUnusable(path=path, detail=detail, way_out=translatable("Use a Python with a newer SQLite."))


def check_place(path: Path) -> None:
    """Make folder and file, for this user alone; raise ``StoreUnusable`` when no database can be kept at ``path``."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_folder = path.is_dir()
    except OSError as error:
        raise _misplaced(path, f"its folder cannot be used: {error.strerror}", "Name another folder.") from error
    if is_folder:
        raise _misplaced(path, "it is a folder", "Name a file; it is made when it does not exist.")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        way_out = translatable("Change the rights of the folder, or name another one.")
        raise _misplaced(path, "its folder is not writable for this user", way_out)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        way_out = translatable("Give this user the right to read and write it.")
        raise _misplaced(path, f"it cannot be opened: {error.strerror}", way_out) from error


def _misplaced(path: Path, detail: str, way_out: str) -> StoreUnusable:
    return StoreUnusable(path=path, detail=detail, way_out=way_out)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    unclean = path.with_name(path.name + "-wal").exists()
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    version = check_schema(connection, path)
    if path.stat().st_size <= SMALL:
        _check_pages(connection, path)
    elif unclean:
        _log.warning("%s was not closed and is too large for a check at start; `leitstand doctor` checks it", path)
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise StoreUnusable(
            path=path,
            detail=translatable("it cannot keep a write-ahead log here"),
            way_out=translatable("Put it on a local disk."),
        )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA cache_size = -16384")
    for step in steps("sqlite"):
        if step.version > version:
            mark = f"PRAGMA user_version = {step.version}; PRAGMA application_id = {APPLICATION_ID};"
            connection.executescript(f"BEGIN IMMEDIATE;\n{step.text}\n{mark}\nCOMMIT;")


def _check_pages(connection: sqlite3.Connection, path: Path) -> None:
    found = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        detail = Phrase(translatable("it is corrupt: {what}"), what="; ".join(found))
        raise StoreUnusable(
            path=path,
            detail=detail,
            way_out=translatable("Restore the last backup of the folder; `leitstand doctor` says more."),
        )
