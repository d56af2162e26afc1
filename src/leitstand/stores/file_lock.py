"""Which process owns the database file? The one that holds the lock beside it, for as long as it lives."""

import fcntl
import json
import os
from pathlib import Path

from leitstand.domain.errors import StoreOwned


class FileLock:
    """The lock file of a database, held.

    The kernel lets go of it when the process dies, so a file left behind is no obstacle.
    Raises ``StoreOwned`` with address and process id of the owner.
    """

    def __init__(self, database: Path, address: str) -> None:
        self._fd = os.open(lock_path(database), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = _read(self._fd)
            os.close(self._fd)
            raise StoreOwned(path=database, owner=owner.get("address", "?"), pid=owner.get("pid", "?")) from None
        self._write(json.dumps({"pid": os.getpid(), "address": address}))

    def close(self) -> None:
        """Let go of the database. The file stays, empty: removing it could take away the lock of the next owner."""
        if self._fd >= 0:
            self._write("")
            os.close(self._fd)
            self._fd = -1

    def _write(self, text: str) -> None:
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, text.encode(), 0)


def lock_path(database: Path) -> Path:
    """Where the lock of a database lies."""
    return database.with_name(database.name + ".lock")


def owner_of(database: Path) -> dict[str, str]:
    """``pid`` and ``address`` of the process that owns the database; empty when nobody does."""
    try:
        fd = os.open(lock_path(database), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return {}
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(fd)
    else:
        return {}
    finally:
        os.close(fd)


def _read(fd: int) -> dict[str, str]:
    try:
        return {name: str(value) for name, value in json.loads(os.pread(fd, 4096, 0)).items()}
    except ValueError:
        return {}
