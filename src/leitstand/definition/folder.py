"""Which bytes of a workflow folder belong to its release, and can all of them be read safely?

Left out, because they cannot change an answer: hidden files and folders (a leading dot), ``__pycache__`` and ``*.pyc``,
editor backups (``*~``, ``*.swp``, ``*.bak``, ``*.orig``, ``#*#``), ``Thumbs.db`` and ``desktop.ini``. Everything else
is covered by the digest.
"""

import fnmatch
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from leitstand.definition.documents import Report
from leitstand.domain.errors import Problem, translatable

LEFT_OUT = (".*", "__pycache__", "*.pyc", "*~", "*.swp", "*.bak", "*.orig", "#*#", "Thumbs.db", "desktop.ini")

LARGEST_FILE = 50_000_000
LARGEST_FOLDER = 500_000_000
MOST_FILES = 20_000
"""Limits of a folder; sizes in bytes."""


def collect(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """Every file of ``folder`` that belongs to the release, by its path with ``/``, and what cannot be taken.

    Sizes are judged before a byte is read; devices and pipes are never opened.
    """
    problems: list[Problem] = []
    if not folder.is_dir():
        _report(str(folder), problems).add(0, *(_NO_FOLDER if not folder.exists() else _NOT_A_FOLDER))
        return {}, problems
    found = {name: path for name, path in _walk(folder.resolve(), problems) if _acceptable(name, path, problems)}
    if not found and not problems:
        _report(str(folder), problems).add(0, translatable("The folder is empty."), _INIT)
    if not _small_enough(found, folder, problems):
        return {}, problems
    return {
        name: content for name, path in found.items() if (content := _read(name, path, problems)) is not None
    }, problems


_INIT = translatable("Run `leitstand init DIR` to begin with a working one.")
_NO_FOLDER = (translatable("There is no such folder."), translatable("Check the path."))
_NOT_A_FOLDER = (translatable("This is not a folder."), translatable("Name the folder that holds `workflow.toml`."))


def _report(name: str, problems: list[Problem]) -> Report:
    return Report(file=name, problems=problems)


def _left_out(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in LEFT_OUT)


def _walk(root: Path, problems: list[Problem]) -> Iterator[tuple[str, Path]]:
    """Files in a fixed order. Linked folders are not entered: they would bring in files twice, or from elsewhere."""

    def unreadable(error: OSError) -> None:
        _unreadable(str(error.filename), error, problems)

    for here, folders, files in os.walk(root, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not _left_out(name))
        for name in sorted([*files, *(name for name in folders if (Path(here) / name).is_symlink())]):
            path = Path(here) / name
            if not _left_out(name):
                yield path.relative_to(root).as_posix(), path


def _acceptable(name: str, path: Path, problems: list[Problem]) -> bool:
    report = _report(name.encode(errors="backslashreplace").decode(), problems)
    if report.file != name:
        report.add(0, translatable("The file name is not UTF-8."), translatable("Rename the file."))
        return False
    try:
        root = Path(str(path)[: -len(name)])
        inside = path.resolve(strict=True).is_relative_to(root)
        regular = stat.S_ISREG(path.stat().st_mode)
    except (OSError, RuntimeError) as error:
        _unreadable(name, error, problems)
        return False
    if not inside:
        report.add(
            0,
            translatable("The link leads out of the workflow folder."),
            translatable("Copy the file into the folder: a release must hold all that it needs."),
        )
    elif not regular:
        report.add(
            0,
            translatable("This is neither a file nor a folder of its own."),
            translatable("Remove it, or put a plain file in its place."),
        )
    return inside and regular


def _small_enough(found: dict[str, Path], folder: Path, problems: list[Problem]) -> bool:
    sizes = {name: path.stat().st_size for name, path in found.items()}
    too_large = translatable("The size is {size} of at most {limit} {unit}.")
    shrink = translatable("Split it, or leave out what is not needed.")
    before = len(problems)
    for name, size in sizes.items():
        if size > LARGEST_FILE:
            _report(name, problems).add(0, too_large, shrink, size=size, limit=LARGEST_FILE, unit="bytes")
    if sum(sizes.values()) > LARGEST_FOLDER:
        total = sum(sizes.values())
        _report(str(folder), problems).add(0, too_large, shrink, size=total, limit=LARGEST_FOLDER, unit="bytes")
    if len(sizes) > MOST_FILES:
        _report(str(folder), problems).add(0, too_large, shrink, size=len(sizes), limit=MOST_FILES, unit="files")
    return len(problems) == before


def _read(name: str, path: Path, problems: list[Problem]) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        _unreadable(name, error, problems)
        return None


def _unreadable(name: str, error: Exception, problems: list[Problem]) -> None:
    detail = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    _report(name, problems).add(
        0,
        translatable("This cannot be read: {detail}."),
        translatable("Check that the file exists and that this user may read it."),
        detail=detail,
    )
