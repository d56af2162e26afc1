"""Which statement lists the cases that a filter wants, and what do counted rows add up to?"""

from collections import Counter
from collections.abc import Sequence

from leitstand.domain.case import WAITING
from leitstand.domain.figures import Figures
from leitstand.ports import CaseFilter
from leitstand.stores.case_rows import Row
from leitstand.stores.sqlite_queries import SQL

_DUE = "coalesce(due_at, 9223372036854775807)"
_CURSOR_DUE = f"(SELECT {_DUE} FROM cases WHERE tenant_id = :tenant_id AND case_id = :before)"  # noqa: S608  all constant

_NEWEST_FIRST = "case_id DESC"
_DUE_FIRST = f"{_DUE}, case_id"


def finding(tenant_id: str, wanted: CaseFilter) -> tuple[str, dict[str, object]]:
    """Statement and values for a filter; every value is bound, none becomes part of the text."""
    values: dict[str, object] = {"tenant_id": tenant_id, "limit": wanted.limit}
    conditions = []
    for column, value in (("workflow", wanted.workflow), ("release_digest", wanted.release_digest)):
        if value is not None:
            conditions.append(f"{column} = :{column}")
            values[column] = value
    if wanted.status:
        names = {f"status_{place}": str(status) for place, status in enumerate(wanted.status)}
        values.update(names)
        conditions.append(f"status IN ({', '.join(':' + name for name in names)})")
        if set(wanted.status) <= set(WAITING):
            # Said literally, so that the partial index over waiting cases serves the inbox.
            conditions.append("status IN ('review', 'escalated')")
    if wanted.since is not None:
        conditions.append("accepted_at >= :since")
        values["since"] = wanted.since
    if wanted.search:
        conditions.append("(number = :number OR (case_id >= :prefix AND case_id < :prefix_end))")
        values.update(_search(wanted.search))
    if wanted.before is not None:
        values["before"] = wanted.before
        conditions.append(
            f"({_DUE}, case_id) > ({_CURSOR_DUE}, :before)" if wanted.oldest_due_first else "case_id < :before"
        )
    order = _DUE_FIRST if wanted.oldest_due_first else _NEWEST_FIRST
    text = "".join(f" AND {condition}" for condition in conditions)
    return SQL["find"].format(conditions=text, order=order), values


def add_up(rows: Sequence[Row]) -> Figures:
    """The figures over groups of cases of one status, decision and currency; two currencies make the cost unknown."""
    by_status: Counter[str] = Counter()
    decisions: Counter[str] = Counter()
    unseen = 0
    for row in rows:
        by_status[row["status"]] += row["cases"]
        if row["decision"]:
            decisions[row["decision"]] += row["cases"]
        elif row["status"] == "delivered":
            unseen += row["cases"]
    currencies = {row["currency"] for row in rows if row["costed"] and row["currency"]}
    costed, uncosted = sum(row["costed"] for row in rows), sum(row["uncosted"] for row in rows)
    mixed = len(currencies) > 1
    return Figures(
        accepted=sum(row["cases"] for row in rows),
        answered=sum(row["answered"] for row in rows),
        in_time=sum(row["in_time"] for row in rows),
        fallbacks=sum(row["fallbacks"] for row in rows),
        by_status=dict(by_status),
        decisions=dict(decisions),
        cost=0 if mixed else sum(row["cost"] for row in rows),
        currency=currencies.pop() if len(currencies) == 1 else "",
        costed=0 if mixed else costed,
        uncosted=uncosted + costed if mixed else uncosted,
        response_p50=rows[0]["response_p50"] if rows else None,
        response_p95=rows[0]["response_p95"] if rows else None,
        review_seconds=sum(row["review_seconds"] for row in rows),
        timed_reviews=sum(row["timed_reviews"] for row in rows),
        released_unseen=unseen,
    )


def _search(text: str) -> dict[str, object]:
    prefix = text.strip().lower().removeprefix("#")
    number = int(prefix) if prefix.isascii() and prefix.isdigit() and len(prefix) < 19 else -1
    return {"number": number, "prefix": prefix, "prefix_end": prefix + "\U0010ffff"}
