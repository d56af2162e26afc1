"""What is asked for when rows are submitted, and under which name do they count once?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leitstand.cli.usage import wrong_usage
from leitstand.domain.errors import translatable
from leitstand.tables.reading import STDIN, digest_of, format_of

_JOB = re.compile(r"[^\x00-\x20\x7f][^\x00-\x1f\x7f]{0,99}")
STOP, SKIP = "stop", "skip"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """Rows of a file for a workflow.

    ``mapping`` is column to field, "" for none; ``rejects`` is the file for invalid rows, None to skip or to stop at
    them; ``rate`` is rows a second, None for as fast as it goes; ``longest`` is in bytes. ``bytes_known`` says that the
    job can only ever be of these bytes, so that a row that is there is this row.
    """

    workflow: str
    path: str
    kind: str
    job: str
    id_column: str | None
    mapping: Mapping[str, str]
    stops: bool
    rejects: Path | None
    bytes_known: bool
    rate: float | None
    max_queued: int
    dry_run: bool
    wait: bool
    longest: int


def order_of(workflow: str, longest: int, options: Mapping[str, Any]) -> Order:
    """The order behind the options by name; raises ``UsageError`` and ``RequestMalformed``."""
    given = dict(options)
    path, on_invalid, id_column = given["path"], given.pop("on_invalid"), given["id_column"]
    if id_column == "":
        raise wrong_usage(translatable("--id-column names no column."))
    rejects = None if on_invalid in (STOP, SKIP) else Path(on_invalid)
    if rejects and rejects.exists() and path != STDIN and Path(path).exists() and rejects.samefile(path):
        raise wrong_usage(translatable("--on-invalid would write over the file that is read."))
    given["kind"] = format_of(path, given["kind"])
    given["bytes_known"] = given["job"] is None and id_column is None and path != STDIN
    given["job"] = _job(path, given["job"], by_id=id_column is not None, dry_run=given["dry_run"])
    given["mapping"] = _mapping(given["mapping"])
    return Order(workflow=workflow, longest=longest, stops=on_invalid == STOP, rejects=rejects, **given)


def _job(path: str, named: str | None, *, by_id: bool, dry_run: bool) -> str:
    """The name that was given, or one that the same file gets again.

    Rows that are known by their number belong to these very bytes; rows with an id of their own to the file of that
    name, so that a corrected or longer one goes on.
    """
    if named is not None:
        if not _JOB.fullmatch(named):
            raise wrong_usage(translatable("--job takes 1 to 100 characters, none of them a control character."))
        return named
    if path == STDIN:
        if not dry_run:
            raise wrong_usage(translatable("Name the job with --job: rows from stdin have no file that would name it."))
        return STDIN
    name = re.sub(r"[\x00-\x20\x7f]", "_", Path(path).name)[:80]
    return name if by_id else f"{name}@{digest_of(path)[:12]}"


def _mapping(given: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    for column, equals, _ in pairs:
        if not column or not equals:
            raise wrong_usage(translatable("--map takes COLUMN=FIELD, or COLUMN= to leave a column out."))
    mapping = {column: field for column, _, field in pairs}
    fields = [field for field in mapping.values() if field]
    if len(mapping) < len(pairs) or len(set(fields)) < len(fields):
        raise wrong_usage(translatable("--map names a column or a field twice."))
    return mapping
