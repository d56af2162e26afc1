"""What do counted rows add up to? The same for every database behind the ports.

A row counts cases of one status, decision and currency: ``cases, answered, in_time, fallbacks, reuses, cost, costed,
uncosted, review_seconds, timed_reviews``; ``response_p50`` and ``response_p95`` of the whole sample stand in each.
"""

from collections import Counter
from collections.abc import Sequence

from leitstand.domain.fallback import Way
from leitstand.domain.figures import Figures
from leitstand.stores.case_rows import Row, attempts_of


def way_of(row: Row) -> Way:
    """A group of answered cases that went the same way through the chain of their release."""
    return Way(
        release_digest=row["release_digest"],
        attempts=attempts_of(row["attempts"]),
        drafted=bool(row["drafted"]),
        fallback=bool(row["fallback"]),
        cases=row["cases"],
    )


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
        reuses=sum(row["reuses"] for row in rows),
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
