"""Where does an export go: to stdout, into one file, or into a folder with a file for each month?"""

from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from leitstand.cli.export_rows import Page, Wanted, exported
from leitstand.cli.usage import wrong_usage
from leitstand.domain.errors import RequestMalformed, translatable
from leitstand.settings import Settings
from leitstand.tables.columns import Columns
from leitstand.tables.reading import STDIN
from leitstand.tables.writing import Sink, complete, sink, to_stdout

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def wanted_of(options: Mapping[str, Any]) -> Wanted:
    """What the options ask for; raises ``UsageError``."""
    given = dict(options)
    if given["table"] == "events" and given["contents"]:
        raise wrong_usage(translatable("Events hold no contents: --contents goes with cases."))
    for name in ("since", "until"):
        given[name] = _micros(name, given[name])
    return Wanted(**given)


async def export_to(settings: Settings, wanted: Wanted, path: str, kind: str, *, by_month: bool) -> int:
    """Write everything wanted, and return how many cases there were; raises ``RequestMalformed``."""
    pages = exported(settings, wanted)
    if path == STDIN:
        return await _write(pages, to_stdout(kind, wanted.columns))
    target = Path(path)
    if not target.parent.is_dir() or (target.is_dir() and not by_month):
        raise RequestMalformed(detail=f"{path} cannot be written", expected="a file in a folder that exists")
    with complete(target) as partial:
        if by_month:
            return await _write_months(pages, partial, kind, wanted.columns)
        with sink(partial, kind, wanted.columns) as rows:
            return await _write(pages, rows)


async def _write(pages: AsyncIterator[Page], rows: Sink) -> int:
    count = 0
    async for page in pages:
        rows.write(page.rows)
        count += page.cases
    rows.close()
    return count


async def _write_months(pages: AsyncIterator[Page], folder: Path, kind: str, columns: Columns) -> int:
    """One folder ``month=2026-11`` a month, as query engines expect it; a month is over when an earlier one comes."""
    folder.mkdir()
    count, month = 0, ""
    with ExitStack() as month_end:
        rows: Sink | None = None
        async for page in pages:
            if rows is None or page.month != month:
                month_end.close()
                month = page.month
                (folder / f"month={month}").mkdir()
                rows = month_end.enter_context(sink(folder / f"month={month}" / f"part-0.{kind}", kind, columns))
            rows.write(page.rows)
            count += page.cases
    return count


def _micros(name: str, text: str | None) -> int | None:
    """UTC microseconds of a time or a date."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise wrong_usage(
            translatable("--{name} takes a time as 2026-11-21T08:00:00Z or a date as 2026-11-21."), name=name
        ) from None
    return ((time if time.tzinfo else time.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND
