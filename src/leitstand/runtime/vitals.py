"""What does this process look like right now, seen from outside: what runs, what waits, and since when?"""

import asyncio
import logging
import shutil
import time
from collections import defaultdict
from itertools import product

from leitstand import __version__
from leitstand.domain import metric
from leitstand.domain.breaker import State
from leitstand.domain.case import Priority
from leitstand.domain.metric import Labels, Metric, Numbers, Reading
from leitstand.domain.phrases import Phrase, translatable
from leitstand.domain.price import NANOS
from leitstand.runtime.parts import Installed, Parts
from leitstand.runtime.spending import Asked, standings
from leitstand.runtime.worker import Worker

_log = logging.getLogger(__name__)

ANSWER_SECONDS = 2.0
"""A database that takes longer for its numbers counts as one that does not answer."""

HUNG_SECONDS = 60.0
"""A worker that has not finished a look for so long hangs."""

MOST_COUNTED = 10_000
"""Where counting what waits stops."""

FROM_ZERO: tuple[tuple[Metric, tuple[str, ...]], ...] = (
    (metric.CASES, ("review", "escalated", "delivered", "rejected", "failed")),
    (metric.CASES_IN_TIME, ()),
    (metric.INTERRUPTIONS, ()),
    (metric.QUARANTINED, ()),
    (metric.MODEL_REUSED, ("exact", "shared", "semantic")),
    (metric.DELIVERIES, ("delivered", "retried", "refused")),
    (metric.QUEUED, ("interactive", "backfill")),
    (metric.QUEUE_AGE, ("interactive", "backfill")),
    (metric.OPEN, ()),
    (metric.OPEN_AGE, ()),
    (metric.REVIEWS, ("review", "escalated")),
    (metric.OVERDUE, ()),
    (metric.OUTBOX, ()),
    (metric.OUTBOX_AGE, ()),
)
"""What every active workflow has from the start: a growth from nothing to one is seen only where there was a zero."""

CODES_FROM_ZERO = ("overloaded", "workflow_full", "server_busy", "internal")

STORE_FIGURES = {
    "commits": metric.COMMITS,
    "writes": metric.WRITES,
    "writes_waiting": metric.WRITES_WAITING,
    "connections_used": metric.CONNECTIONS,
    "heartbeat_age": metric.HEARTBEAT_AGE,
}
BACKLOG_CASES = {"open": metric.OPEN, "overdue": metric.OVERDUE, "outbox": metric.OUTBOX}
BACKLOG_AGES = {"open": metric.OPEN_AGE, "outbox": metric.OUTBOX_AGE}


async def read_metrics(parts: Parts, worker: Worker) -> Reading:
    """All numbers; those of the database are missing when it does not answer in time."""
    tally = parts.watch.tally
    numbers: Numbers = defaultdict(dict, {name: dict(values) for name, values in tally.numbers.items()})
    for exporter in parts.watch.exporters:
        numbers[metric.TELEMETRY_DROPPED.name][exporter.name,] = exporter.dropped
    for name, value in parts.figures().items():
        if name in STORE_FIGURES:
            numbers[STORE_FIGURES[name].name][()] = value
    _read_worker(numbers, parts, worker)
    if parts.data and parts.data.exists():
        numbers[metric.DISK_FREE.name][()] = (await asyncio.to_thread(shutil.disk_usage, parts.data)).free
    _read_models(numbers, parts)
    _begin_at_zero(numbers, tuple(workflow.name for workflow in parts.installations.promises()))
    for tenant_id in parts.installations.by_tenant():
        _begin_releases_at_zero(numbers, parts.installations.all_active(tenant_id))
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await _read_database(numbers, parts)
        numbers[metric.DATABASE_UP.name][()] = 1
    except Exception as error:  # noqa: BLE001  numbers of a process without its database are wanted most
        _log.warning("the database gives no numbers: %s", type(error).__name__)
        numbers[metric.DATABASE_UP.name][()] = 0
    return Reading(numbers=dict(numbers), histograms=tally.histograms)


def why_hung(worker: Worker) -> Phrase | None:
    """Why this process should be started anew; None while it works."""
    if worker.looked is not None and time.monotonic() - worker.looked > HUNG_SECONDS:
        return Phrase(translatable("the worker hangs"))
    return None


async def why_not_ready(parts: Parts) -> Phrase | None:
    """Why this process should get no requests now; None when it should."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            pointers = await parts.releases.pointers()
    except Exception as error:  # noqa: BLE001  whatever it is, the database is of no use now
        _log.warning("the database does not answer: %s", type(error).__name__)
        return Phrase(translatable("its database does not answer"))
    if pointers and not parts.installations.any_active:
        return Phrase(translatable("no active release could be put together"))
    return None


def _read_worker(numbers: Numbers, parts: Parts, worker: Worker) -> None:
    numbers[metric.INFO.name][__version__,] = 1
    numbers[metric.TASKS.name][()] = len(asyncio.all_tasks())
    numbers[metric.RUNNING.name][()] = worker.running
    numbers[metric.DRAINING.name][()] = worker.draining
    numbers[metric.QUEUE_LIMIT.name][()] = worker.queue.most
    if worker.looked is not None:
        numbers[metric.LOOK_AGE.name][()] = time.monotonic() - worker.looked
    for workflow in parts.installations.promises():
        numbers[metric.SLO_SECONDS.name][workflow.name,] = workflow.slo.response_seconds
        numbers[metric.SLO_TARGET.name][workflow.name,] = workflow.slo.target_percent / 100


def _read_models(numbers: Numbers, parts: Parts) -> None:
    """Every model of an active workflow is there from the start; one is left alone when some tenant leaves it alone."""
    is_open, withheld = numbers[metric.BREAKER_OPEN.name], numbers[metric.MODEL_WITHHELD.name]
    for workflow in parts.installations.promises():
        for target in workflow.draft.chain:
            is_open[target.provider, target.model] = 0
            withheld.setdefault((target.provider, target.model, "breaker"), 0)
            numbers[metric.MODEL_UNPRICED.name].setdefault((target.provider, target.model), 0)
    for place, breaker in parts.breakers.states.items() if parts.breakers else ():
        labels = (place.provider, place.model)
        is_open[labels] = max(is_open.get(labels, 0), int(breaker.state is not State.CLOSED))


def _begin_at_zero(numbers: Numbers, workflows: tuple[str, ...]) -> None:
    for code in CODES_FROM_ZERO:
        numbers[metric.REQUEST_ERRORS.name].setdefault((code,), 0)
    for begun, values in FROM_ZERO:
        for labels in product(workflows, values) if values else product(workflows):
            numbers[begun.name].setdefault(labels, 0)


def _begin_releases_at_zero(numbers: Numbers, active: tuple[Installed, ...]) -> None:
    for installed, whence in product(active, ("first", "fallback", "missed")):
        labels = (installed.workflow.name, whence, installed.digest[: metric.DIGITS])
        numbers[metric.DRAFTS.name].setdefault(labels, 0)


async def _read_budgets(numbers: Numbers, parts: Parts) -> None:
    for tenant_id, workflows in parts.installations.by_tenant().items():
        asked = Asked(tenant_id=tenant_id, at=parts.clock(), per_tenant={})
        for standing in await standings(parts.ledger, workflows, asked):
            labels: Labels = (standing.workflow, standing.kind, standing.limit.currency)
            _pile_up(numbers, metric.BUDGET_LIMIT, labels, standing.limit.nanos / NANOS)
            _pile_up(numbers, metric.BUDGET_SPENT, labels, standing.account.spent / NANOS)
            _pile_up(numbers, metric.BUDGET_RESERVED, labels, standing.account.reserved / NANOS)


async def _read_database(numbers: Numbers, parts: Parts) -> None:
    now = parts.clock()
    await _read_budgets(numbers, parts)
    for priority in Priority:
        for queued in await parts.cases.queued(priority, MOST_COUNTED):
            labels: Labels = (queued.workflow, priority.name.lower())
            _pile_up(numbers, metric.QUEUED, labels, queued.cases)
            _pick_oldest(numbers, metric.QUEUE_AGE, labels, now - queued.oldest)
    for backlog in await parts.cases.backlog(MOST_COUNTED):
        if counted := BACKLOG_CASES.get(backlog.kind):
            _pile_up(numbers, counted, (backlog.workflow,), backlog.cases)
        else:
            _pile_up(numbers, metric.REVIEWS, (backlog.workflow, backlog.kind), backlog.cases)
        if aged := BACKLOG_AGES.get(backlog.kind):
            _pick_oldest(numbers, aged, (backlog.workflow,), now - backlog.since)


def _pile_up(numbers: Numbers, counted: Metric, labels: Labels, cases: float) -> None:
    """Workflows of the same name in several tenants add up."""
    numbers[counted.name][labels] = numbers[counted.name].get(labels, 0) + cases


def _pick_oldest(numbers: Numbers, aged: Metric, labels: Labels, age: int) -> None:
    numbers[aged.name][labels] = max(numbers[aged.name].get(labels, 0), age / 1e6)
