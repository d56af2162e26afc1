"""Does the recorded cost agree with a provider's invoice?"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from leitstand.cli.options import DATA, JSON
from leitstand.cli.output import print_json, print_table, say, text
from leitstand.domain.errors import translatable
from leitstand.domain.price import decimal
from leitstand.domain.reconcile import Amount, Difference, differences
from leitstand.settings import Settings

DIFFERS = 10
HEADS = (
    translatable("day"),
    translatable("model"),
    translatable("recorded"),
    translatable("billed"),
    translatable("difference"),
    translatable("currency"),
    translatable("unknown calls"),
)
DAY = 86_400_000_000


@click.command()
@click.option(
    "--invoice", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True, help="CSV or JSON file."
)
@click.option("--provider", default="", help="Only calls of this provider extension, as `openai_compatible`.")
@click.option("--tolerance", type=float, default=1.0, show_default=True, help="Percent by which both may differ.")
@DATA
@JSON
def reconcile(invoice: Path, data: Path | None, tolerance: float, **given: Any) -> None:
    """Compare the recorded cost of model calls with a provider's invoice file, by day (UTC) and model.

    Exit code 10 when a day and model differ by more than the tolerance, are on one side only, or hold calls of unknown
    cost.
    """
    from leitstand.cli.invoice import read_invoice
    from leitstand.settings import read_settings

    billed = read_invoice(invoice)
    recorded = asyncio.run(_recorded(read_settings(data=data), {one.day for one in billed}, given["provider"]))
    found = differences(recorded, billed)
    if given["as_json"]:
        print_json([_as_data(one, tolerance) for one in found])
    else:
        _show(found)
    apart = [one for one in found if not one.agrees(tolerance)]
    if apart:
        told = translatable("{n} of {total} do not agree within {percent} percent.")
        say(told, n=len(apart), total=len(found), percent=tolerance)
    click.get_current_context().exit(DIFFERS if apart else 0)


async def _recorded(settings: Settings, days: set[str], provider: str) -> list[Amount]:
    """What the journals say of these days; cases may have been accepted up to a month before they called."""
    from leitstand.cli.export_rows import Wanted, exported

    first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (min(days), max(days)))
    since, until = int(first.timestamp() * 1e6) - 31 * DAY, int(last.timestamp() * 1e6) + DAY
    found: list[Amount] = []
    async for page in exported(settings, Wanted(table="events", since=since, until=until)):
        found += _calls(page.rows, provider)
    return [amount for amount in found if amount.day in days]


def _calls(rows: Iterable[Mapping[str, Any]], provider: str) -> list[Amount]:
    """The calls of some journals that cost something, or of which nobody knows; one that never ended is unknown."""
    asked: dict[tuple[str, int], tuple[str, Amount]] = {}
    found = []
    for row in rows:
        body, day = row["body"], f"{datetime.fromtimestamp(row['happened_at'] / 1e6, UTC):%Y-%m-%d}"
        if row["type"] == "model_call.intended":
            unknown = Amount(day=day, model=body["model"], currency="", nanos=0, calls=1, unknown=1)
            asked[row["case_id"], body["attempt"]] = (body["provider"], unknown)
        elif row["type"] == "model_call.finished":
            by, call = asked.pop((row["case_id"], body["attempt"]))
            model, cost = body["response_model"] or call.model, body["cost"]
            call = replace(call, model=model, currency=body["currency"], nanos=cost or 0, unknown=int(cost is None))
            found.append((by, call))
    calls = [call for by, call in (*found, *asked.values()) if provider in ("", by)]
    return [call for call in calls if call.nanos or call.unknown]


def _show(found: Iterable[Difference]) -> None:
    rows = [
        (
            one.day,
            one.model,
            _told(one.recorded),
            _told(one.billed),
            _told(one.recorded - one.billed if one.recorded is not None and one.billed is not None else None),
            one.currency,
            one.unknown,
        )
        for one in found
    ]
    print_table(HEADS, rows)


def _told(nanos: int | None) -> str:
    return text(translatable("unknown")) if nanos is None else f"{nanos / 1e9:.4f}"


def _as_data(one: Difference, tolerance: float) -> dict[str, object]:
    return {
        "day": one.day,
        "model": one.model,
        "currency": one.currency,
        "recorded": None if one.recorded is None else decimal(one.recorded),
        "billed": None if one.billed is None else decimal(one.billed),
        "unknown_calls": one.unknown,
        "agrees": one.agrees(tolerance),
    }
