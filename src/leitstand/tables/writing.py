"""How do rows get into a file, so that the file is either complete or not there?"""

import csv
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TextIO

import msgspec

from leitstand.domain.errors import RequestMalformed
from leitstand.tables.columns import Columns
from leitstand.tables.reading import parquet_missing

_ENCODE = msgspec.json.Encoder().encode
Values = Mapping[str, object]


class Sink(Protocol):
    """Takes rows, a few at a time; what it holds back until ``close`` is bounded."""

    def write(self, rows: Sequence[Values]) -> None:
        """Write rows behind those before."""

    def close(self) -> None:
        """Write what was held back."""


class Jsonl:
    """One JSON object a line, its keys in the order of the columns; times stay UTC microseconds."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, rows: Sequence[Values]) -> None:
        """Write rows behind those before."""
        self._stream.writelines(_ENCODE(row).decode() + "\n" for row in rows)

    def close(self) -> None:
        """Hand over what is buffered."""
        self._stream.flush()


class Csv:
    """Comma-separated, with a header, as spreadsheets and ``submit`` read it."""

    def __init__(self, stream: TextIO, columns: Columns) -> None:
        self._stream = stream
        self._columns = columns
        self._writer = csv.writer(stream)
        self._writer.writerow(columns.kinds)

    def write(self, rows: Sequence[Values]) -> None:
        """Write rows behind those before."""
        self._writer.writerows(self._columns.cells(row) for row in rows)

    def close(self) -> None:
        """Hand over what is buffered."""
        self._stream.flush()


def to_stdout(kind: str, columns: Columns) -> Sink:
    """Rows on stdout; Parquet is a file and cannot go there."""
    if kind == "parquet":
        raise RequestMalformed(detail="Parquet is not written to stdout", expected="a file with --to")
    return Csv(sys.stdout, columns) if kind == "csv" else Jsonl(sys.stdout)


@contextmanager
def sink(path: Path, kind: str, columns: Columns) -> Iterator[Sink]:
    """Rows into a file at ``path``, whose folder exists."""
    if kind == "parquet":
        parquet = _parquet(path, columns)
        yield parquet
        parquet.close()
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        lines = Csv(stream, columns) if kind == "csv" else Jsonl(stream)
        yield lines
        lines.close()


def _parquet(path: Path, columns: Columns) -> Sink:
    try:
        from leitstand.tables.parquet_sink import ParquetSink
    except ImportError:
        raise parquet_missing() from None
    return ParquetSink(path, columns)


@contextmanager
def complete(path: Path) -> Iterator[Path]:
    """A place beside ``path`` to write to, which becomes ``path`` when all went well and is removed otherwise.

    A file takes the place of an earlier one; a folder that is not empty is refused by the system.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        if partial.exists():
            partial.replace(path)
    except OSError as error:
        detail = f"{path}: {error.strerror or error}"
        raise RequestMalformed(detail=detail, expected="a new name in a folder that can be written to") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True) if partial.is_dir() else partial.unlink(missing_ok=True)
