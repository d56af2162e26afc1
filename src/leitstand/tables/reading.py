"""How does a file, or stdin, become rows: in which format, how far read, and which bytes is it?"""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from leitstand.domain.errors import ExtensionMissing, RequestMalformed, translatable
from leitstand.tables import csv_rows, jsonl
from leitstand.tables.row import Row

STDIN = "-"
FORMATS = ("jsonl", "csv", "parquet")
ENDINGS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet"}
COMPRESSED = {b"\x1f\x8b": "gunzip -c", b"\x28\xb5": "zstd -dc", b"BZ": "bunzip2 -c", b"\xfd7": "xz -dc"}
"""First bytes of compressed files and what unpacks them."""


@dataclass(kw_only=True, slots=True)
class Table:
    """An opened file: its rows, once, and how far they were read; ``size`` is None where nobody knows it.

    ``size`` and ``read`` count bytes, of Parquet rows. ``columns`` is None where each row names its own.
    """

    rows: Iterator[Row]
    size: int | None
    columns: tuple[str, ...] | None = None
    read: int = 0


def format_of(path: str, named: str | None) -> str:
    """The format that was named, else that of the file's name; raises ``RequestMalformed``."""
    found = named or ENDINGS.get(Path(path).suffix.lower())
    if not found or (path == STDIN and found == "parquet"):
        expected = "--format jsonl or --format csv" if path == STDIN else f"--format, one of {', '.join(FORMATS)}"
        raise RequestMalformed(detail=f"{path}: the format is unknown or cannot be read from here", expected=expected)
    return found


@contextmanager
def opened(path: str, kind: str, longest: int) -> Iterator[Table]:
    """The rows of a file or of stdin; a row is at most ``longest`` bytes. Raises ``RequestMalformed``."""
    if path == STDIN:
        yield _lines(sys.stdin.buffer, "stdin", kind, longest)
        return
    with _open(path) as stream:
        if kind == "parquet":
            yield _parquet(stream, path, longest)
            return
        _check_beginning(stream, path)
        table = _lines(stream, path, kind, longest)
        if stream.seekable():
            table.size = Path(path).stat().st_size
            table.rows = _following(table, stream, table.rows)
        yield table


def digest_of(path: str) -> str:
    """Hex SHA-256 of a file's bytes."""
    with _open(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _lines(stream: BinaryIO, name: str, kind: str, longest: int) -> Table:
    if kind == "jsonl":
        return Table(rows=jsonl.rows(stream, name, longest), size=None)
    columns, rows = csv_rows.opened(stream, name, longest)
    return Table(rows=rows, size=None, columns=columns)


def _open(path: str) -> BufferedReader:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise RequestMalformed(detail=f"{path}: {error.strerror}", expected="a readable file, or - for stdin") from None


def _check_beginning(stream: BufferedReader, path: str) -> None:
    first = stream.peek(4)[:4]
    if unpacking := COMPRESSED.get(first[:2]):
        way_out = f"`{unpacking} {path} | leitstand submit WORKFLOW --from - --format FORMAT --job NAME`"
        raise RequestMalformed(detail=f"{path} is compressed", expected=f"it unpacked: {way_out}")
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise RequestMalformed(detail=f"{path} is UTF-16", expected="the file saved as UTF-8")
    if first == b"PAR1":
        raise RequestMalformed(detail=f"{path} is a Parquet file", expected="--format parquet")


def _following(table: Table, stream: BinaryIO, rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        table.read = stream.tell()
        yield row


def _parquet(stream: BinaryIO, path: str, longest: int) -> Table:
    try:
        from leitstand.tables import parquet_rows
    except ImportError:
        raise parquet_missing() from None
    file = parquet_rows.opened(stream, path)
    table = Table(rows=iter(()), size=file.metadata.num_rows, columns=tuple(file.schema_arrow.names))

    def following() -> Iterator[Row]:
        for row in parquet_rows.rows(file, path, longest):
            table.read = row.number
            yield row

    table.rows = following()
    return table


def parquet_missing() -> ExtensionMissing:
    """Parquet is an extra, and it is not installed."""
    way_out = translatable("Install it: pip install 'leitstand[parquet]'.")
    return ExtensionMissing(group="format", name="parquet", way_out=way_out)
