"""What does a provider's invoice file say: a table with a row for each day and model, or the answer of a cost API?"""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from leitstand.domain.errors import Phrase, RequestMalformed, translatable
from leitstand.domain.price import NANOS
from leitstand.domain.reconcile import Amount

DAY = ("day", "date", "usage_date_utc", "starting_at", "start_time_iso", "start_time")
MODEL = ("model", "line_item", "model_version")
COST = ("cost", "amount", "amount_value", "cost_usd", "amount.value")
CURRENCY = ("currency", "amount_currency", "amount.currency")
"""Names of each column, the first that is there counts; without a currency it is USD."""

EXPECTED = translatable(
    "CSV or JSON rows with day, model, cost and currency, or the answer of OpenAI's or Anthropic's cost report "
    "with a result for each model"
)

CENTS = 100
"""Anthropic's report counts in cents."""


def read_invoice(path: Path) -> tuple[Amount, ...]:
    """The amounts of a file; raises ``RequestMalformed`` with the row that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unlike(translatable("{path} cannot be read ({kind})"), path=path, kind=type(error).__name__) from None
    rows = _json_rows(text, path) if text.lstrip().startswith(("{", "[")) else csv.DictReader(text.splitlines())
    found = tuple(
        _amount(row, Phrase(translatable("{path}, row {number}"), path=path, number=number))
        for number, row in enumerate(rows, start=1)
    )
    if not found:
        raise _unlike(translatable("{path} holds no amounts"), path=path)
    return found


def _json_rows(text: str, path: Path) -> Iterator[Mapping[str, object]]:
    try:
        given = json.loads(text, parse_float=Decimal)
    except ValueError:
        raise _unlike(translatable("{path} is not JSON"), path=path) from None
    rows = given.get("data") if isinstance(given, dict) else given
    for row in rows if isinstance(rows, list) else [given]:
        if not isinstance(row, dict):
            raise _unlike(translatable("{path} holds {row} where a row should be"), path=path, row=repr(row))
        results = row.get("results")
        yield from (_of_bucket(row, result) for result in results) if isinstance(results, list) else (row,)


def _of_bucket(bucket: Mapping[str, object], result: Mapping[str, object]) -> Mapping[str, object]:
    """One result of a cost report with the time of its bucket."""
    amount = result.get("amount")
    if isinstance(amount, dict):  # OpenAI: {"value": 0.06, "currency": "usd"}
        return {**bucket, **result, "amount": amount.get("value"), "currency": amount.get("currency")}
    return {**bucket, **result, "amount": Decimal(str(amount)) / CENTS if _is_number(amount) else amount}


def _amount(row: Mapping[str, object], place: Phrase) -> Amount:
    day, model, cost = (_of(row, names, place) for names in (DAY, MODEL, COST))
    currency = next((str(row[name]) for name in CURRENCY if row.get(name)), "USD")
    if not _is_number(cost):
        raise _unlike(translatable("{place}: {value} is no amount"), place=place, value=repr(cost))
    return Amount(
        day=_day(day, place),
        model=str(model).split(",")[0],
        currency=currency.upper(),
        nanos=int(Decimal(str(cost)) * NANOS),
    )


def _of(row: Mapping[str, object], names: tuple[str, ...], place: Phrase) -> object:
    for name in names:
        if row.get(name) not in (None, ""):
            return row[name]
    raise _unlike(translatable("{place} has none of {names}"), place=place, names=", ".join(names))


def _day(given: object, place: Phrase) -> str:
    """A day (UTC) of a date, a time or seconds since 1970."""
    text = str(given)
    try:
        if text.isdigit() and len(text) >= 9:
            return datetime.fromtimestamp(int(text), UTC).strftime("%Y-%m-%d")
        return datetime.fromisoformat(text).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        raise _unlike(translatable("{place}: {value} is no day"), place=place, value=repr(text)) from None


def _is_number(given: object) -> bool:
    try:
        return Decimal(str(given)).is_finite()
    except InvalidOperation:
        return False


def _unlike(template: str, **values: object) -> RequestMalformed:
    return RequestMalformed(detail=Phrase(template, **values), expected=Phrase(EXPECTED))
