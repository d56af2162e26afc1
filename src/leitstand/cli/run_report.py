"""How are the results of a run shown: a case as its steps, many cases as a table?"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import click

from leitstand.cli.output import amount, print_json, print_table, say, text, told
from leitstand.cli.run_cases import Result, Results
from leitstand.cli.trail import print_trail
from leitstand.domain.case import Status
from leitstand.domain.errors import translatable
from leitstand.domain.model_chain import missed_because
from leitstand.domain.statistics import percentile, proportion_interval

SOME_FAILED = 13
NO_MONEY = 12
SOME_REFUSED = 2


def show(results: Results, *, trace: bool, as_json: bool) -> int:
    """Print the results; returns the exit code.

    It is 2 when an input was refused, 12 when a budget left a case without a draft, 13 when a case failed, else 0.
    """
    if as_json:
        print_json([_as_data(result) for result in results.results])
    elif results.single and results.results[0].case:
        _show_one(results.results[0], trace=trace)
    else:
        _show_many(results)
    return _exit_code(results.results)


def _exit_code(results: Sequence[Result]) -> int:
    if any(result.refused for result in results):
        return SOME_REFUSED
    if any(result.case and missed_because(result.case.attempts) == "budget" for result in results):
        return NO_MONEY
    return SOME_FAILED if any(result.case and result.case.status is Status.FAILED for result in results) else 0


def _show_one(result: Result, *, trace: bool) -> None:
    assert result.case is not None
    print_trail(result.events, details=trace)
    click.echo(json.dumps(result.output, ensure_ascii=False, indent=2))
    status = f"{result.case.status} ({', '.join(result.case.reasons)})" if result.case.reasons else result.case.status
    say(translatable("{status}, cost {cost}"), status=status, cost=amount(result.case.cost, result.case.currency))


def _show_many(results: Results) -> None:
    rows, total = results.results, len(results.results)
    for result in rows:
        if result.refused:
            click.echo(f"{result.given.place}: {told(result.refused)}", err=True)
    kinds = Counter(_kind(result) for result in rows)
    print_table(HEADS, [(text(kind), kinds[kind], _percent(kinds[kind], total)) for kind in KINDS])
    durations = [case.answered_at - case.accepted_at for result in rows if (case := result.case) and case.answered_at]
    if durations:
        p50, p95 = (percentile(durations, share) / 1000 for share in (0.5, 0.95))
        click.echo()
        click.echo(
            text(
                translatable("per case: p50 {p50} ms, p95 {p95} ms; {rate} cases/s over {seconds} s"),
                p50=f"{p50:.1f}",
                p95=f"{p95:.1f}",
                rate=f"{total / results.seconds:.1f}",
                seconds=f"{results.seconds:.1f}",
            )
        )
    _show_relevance(rows)


HEADS = (translatable("outcome"), translatable("cases"), translatable("percent"))
SHARES = (translatable("share"), translatable("percent"), "n", translatable("95 % interval"))

KINDS = (
    translatable("delivered"),
    translatable("reviewed"),
    translatable("escalated"),
    translatable("failed"),
    translatable("refused"),
    translatable("other"),
)


def _kind(result: Result) -> str:
    if result.case is None:
        return "refused"
    kinds = {
        Status.DELIVERED: "delivered",
        Status.REVIEW: "reviewed",
        Status.ESCALATED: "escalated",
        Status.FAILED: "failed",
    }
    return kinds.get(result.case.status, "other")


def _show_relevance(rows: Sequence[Result]) -> None:
    """Only for files that name the relevant pages."""
    judged = [result for result in rows if result.given.relevant]
    if not judged:
        return
    delivered = [result for result in judged if result.case and result.case.status is Status.DELIVERED]
    right = [result for result in delivered if result.cited & result.given.relevant]
    click.echo()
    print_table(
        SHARES,
        [
            _share(text(translatable("of all: answered from the relevant page")), len(right), len(judged)),
            _share(text(translatable("of the delivered: cites the relevant page")), len(right), len(delivered)),
        ],
    )


def _share(name: str, part: int, whole: int) -> tuple[object, ...]:
    if not whole:
        return name, text(translatable("unknown")), 0, ""
    low, high = proportion_interval(part, whole)
    return name, f"{100 * part / whole:.1f}", whole, f"{100 * low:.1f} - {100 * high:.1f}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"


def _as_data(result: Result) -> dict[str, object]:
    case = result.case
    return {
        "place": result.given.place,
        "case_id": case.case_id if case else None,
        "status": case.status if case else "refused",
        "reasons": list(case.reasons) if case else [str(result.refused)],
        "output": result.output,
        "cited": sorted(result.cited),
        "relevant": sorted(result.given.relevant),
        "attempts": [asdict(attempt) for attempt in case.attempts] if case else [],
    }
