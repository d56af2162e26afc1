"""What do models cost? ``python tools/prices.py`` makes the price table that we ship from the package ``genai-prices``.

The table holds the prices of the day on which it was made, in US dollars per million tokens. ``--check`` makes it again
for that day and compares; nothing is fetched.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from genai_prices import types
from genai_prices.data import providers

FOLDER = Path(__file__).parents[1] / "src/leitstand/definition/prices"
TABLE, LICENCE = FOLDER / "table.json.gz", FOLDER / "LICENSE-genai-prices.txt"

CLASSES = {
    "input_mtok": "i",
    "output_mtok": "o",
    "cache_read_mtok": "c",
    "cache_write_mtok": "w",
    "output_reasoning_mtok": "r",
    "input_audio_mtok": "ai",
    "output_audio_mtok": "ao",
}
"""Name of a price in the package to its name in the table."""

CLAUSES = {
    types.ClauseEquals: ("equals", "e"),
    types.ClauseStartsWith: ("starts_with", "s"),
    types.ClauseEndsWith: ("ends_with", "n"),
    types.ClauseContains: ("contains", "c"),
    types.ClauseRegex: ("regex", "r"),
}


def clause(match: Any) -> dict[str, Any]:
    """How a model is recognised, as the table writes it."""
    if isinstance(match, types.ClauseOr):
        return {"o": [clause(one) for one in match.or_]}
    if isinstance(match, types.ClauseAnd):
        return {"a": [clause(one) for one in match.and_]}
    name, short = CLAUSES[type(match)]
    return {short: getattr(match, name)}


def valid_on(model: types.ModelInfo, day: date) -> types.ModelPrice:
    """The prices of a day; where they change with the hour, those of the dearest hour."""
    if isinstance(model.prices, types.ModelPrice):
        return model.prices
    begun = [
        one
        for one in model.prices
        if not isinstance(one.constraint, types.StartDateConstraint) or one.constraint.start_date <= day
    ]
    hourly = [one.prices for one in begun if isinstance(one.constraint, types.TimeOfDateConstraint)]
    lasting = [one.prices for one in begun if not isinstance(one.constraint, types.TimeOfDateConstraint)]
    return max([*lasting[-1:], *hourly], key=lambda prices: rate(prices.input_mtok, 0) or 0)


def rate(price: Decimal | types.TieredPrices | None, start: int) -> Decimal | None:
    """What a class costs in calls whose input is longer than ``start``."""
    if not isinstance(price, types.TieredPrices):
        return price
    reached = [tier.price for tier in price.tiers if tier.start <= start]
    return reached[-1] if reached else price.base


def rates(prices: types.ModelPrice, start: int) -> dict[str, str]:
    """The rates of one tier."""
    found = {short: rate(getattr(prices, name, None), start) for name, short in CLASSES.items()}
    return {short: str(price) for short, price in found.items() if price is not None}


def priced(models: Iterable[types.ModelInfo], day: date) -> list[list[Any]]:
    """How each model is recognised, its rates, and those of its tiers by the length of the input."""
    rows = []
    for model in models:
        prices = valid_on(model, day)
        if getattr(prices, "input_mtok", None) is None or getattr(prices, "output_mtok", None) is None:
            continue
        tiered = [price for price in vars(prices).values() if isinstance(price, types.TieredPrices)]
        starts = sorted({tier.start for price in tiered for tier in price.tiers})
        rows.append([clause(model.match), rates(prices, 0), *([start, rates(prices, start)] for start in starts)])
    return rows


def table(day: date) -> bytes:
    """The whole table."""
    version = distribution("genai-prices").version
    services = {one.id: {"at": one.api_pattern, "models": priced(one.models, day)} for one in providers}
    text = json.dumps(
        {"source": f"genai-prices {version}, {day}", "day": str(day), "services": services}, separators=(",", ":")
    )
    return gzip.compress(text.encode(), mtime=0)


def main() -> int:
    """Exit code 0 when the table is what the package says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 when the table is another")
    if not parser.parse_args().check:
        TABLE.write_bytes(table(datetime.now(UTC).date()))
        notice = next(file for file in distribution("genai-prices").files or () if file.name == "LICENSE")
        LICENCE.write_text(notice.read_text(), encoding="utf-8")
        return 0
    shipped = json.loads(gzip.decompress(TABLE.read_bytes()))
    same = json.loads(gzip.decompress(table(date.fromisoformat(shipped["day"])))) == shipped
    if not same:
        print("the price table is not what genai-prices says: python tools/prices.py", file=sys.stderr)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
