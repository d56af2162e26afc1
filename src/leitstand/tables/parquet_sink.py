"""How do rows become a Parquet file? In groups, so that memory does not grow with their number."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as arrow
from pyarrow import parquet

from leitstand.tables.columns import Columns, Kind, json_of

GROUP_ROWS = 20_000
GROUP_BYTES = 16 << 20

SCHEMA_VERSION = "1"
"""Raised when a column changes its name, type or meaning, not when one is added."""

_TYPES = {
    Kind.TEXT: arrow.string(),
    Kind.INTEGER: arrow.int64(),
    Kind.BOOLEAN: arrow.bool_(),
    Kind.TIME: arrow.timestamp("us", tz="UTC"),
    Kind.TEXTS: arrow.list_(arrow.string()),
    Kind.DATA: arrow.string(),
}


class ParquetSink:
    """Writes a group of rows whenever there are enough of them."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self._columns = columns
        metadata = {"leitstand.table": columns.name, "leitstand.schema": SCHEMA_VERSION}
        fields = [arrow.field(name, _TYPES[kind]) for name, kind in columns.kinds.items()]
        self._schema = arrow.schema(fields, metadata=metadata)
        self._file = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[Mapping[str, object]] = []
        self._bytes = 0

    def write(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Take rows, and write the group that they complete."""
        for row in rows:
            values = {name: self._value(row[name], kind) for name, kind in self._columns.kinds.items()}
            self._rows.append(values)
            self._bytes += sum(len(value) for value in values.values() if isinstance(value, str))
        if len(self._rows) >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write the last group and the footer."""
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        if self._rows:
            self._file.write_table(arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._rows, self._bytes = [], 0

    def _value(self, value: object, kind: Kind) -> object:
        if value is None:
            return None
        if kind is Kind.DATA:
            return json_of(value)
        return str(value) if kind is Kind.TEXT else value
