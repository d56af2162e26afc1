"""Which rows does a Parquet file hold? Read a few at a time, so that memory does not grow with the file."""

import base64
import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import pyarrow as arrow
from pyarrow import parquet

from leitstand.domain.errors import RequestMalformed, translatable
from leitstand.tables.row import Fields, Row, RowBroken, too_long

BATCH = 100

_NOT_A_NUMBER = RowBroken(
    translatable("The row holds a number that is none (NaN or infinity)."), translatable("Write null instead.")
)


def opened(stream: BinaryIO, name: str) -> parquet.ParquetFile:
    """The file; raises ``RequestMalformed`` when it is none."""
    try:
        return parquet.ParquetFile(stream, pre_buffer=False, buffer_size=1 << 20)
    except (arrow.ArrowException, OSError, ValueError) as error:
        detail = " ".join(str(error).split())[:200]
        raise RequestMalformed(detail=f"{name}: {detail}", expected="a Parquet file") from None


def rows(file: parquet.ParquetFile, name: str, longest: int) -> Iterator[Row]:
    """Every row; a null is a missing field. A page that cannot be read ends the file with ``RequestMalformed``."""
    number = 0
    try:
        for batch in file.iter_batches(batch_size=BATCH, use_threads=False):
            for values in batch.to_pylist():
                number += 1
                yield _row(number, values, name, longest)
    except (arrow.ArrowException, OSError) as error:
        detail = " ".join(str(error).split())[:200]
        raise RequestMalformed(detail=f"{name}: row {number + 1}: {detail}", expected="a Parquet file") from None


def _row(number: int, values: Fields, name: str, longest: int) -> Row:
    fields = {column: _plain(value) for column, value in values.items() if value is not None}
    try:
        raw = json.dumps(fields, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return Row(number=number, line=number, raw="", problem=_NOT_A_NUMBER.problem(name, number))
    if len(raw) > longest:
        return Row(number=number, line=number, raw="", problem=too_long(longest).problem(name, number))
    return Row(number=number, line=number, raw=raw, fields=fields)


def _plain(value: Any) -> object:
    """A value of Parquet as JSON knows it: times as RFC 3339, decimals as numbers, bytes as base64."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value if isinstance(value, str | int | float | bool) else str(value)
