"""Which numbers does a running process show to whoever watches it?

Names follow Prometheus: base units, ``_total`` for what only grows, no ids as labels. Every label has few values:
names that a workflow writes down, or codes of ours.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a number behaves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds of the buckets of every histogram: from a quick answer of the API to a slow model with retries."""


DIGITS = 12
"""So much of a release's digest is its label."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One number: its name, what it says, and by which labels it is told apart."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


def _counter(name: str, text: str, *labels: str) -> Metric:
    return Metric(name=name, kind=Kind.COUNTER, help=text, labels=labels)


def _gauge(name: str, text: str, *labels: str) -> Metric:
    return Metric(name=name, kind=Kind.GAUGE, help=text, labels=labels)


def _histogram(name: str, text: str, *labels: str) -> Metric:
    return Metric(name=name, kind=Kind.HISTOGRAM, help=text, labels=labels)


CASES_ACCEPTED = _counter("leitstand_cases_accepted_total", "Cases accepted.", "workflow", "channel", "priority")
CASES = _counter("leitstand_cases_total", "Cases that came to an end, or to a person.", "workflow", "status")
CASES_FAILED = _counter("leitstand_cases_failed_total", "Cases that failed.", "workflow", "reason")
CASES_IN_TIME = _counter("leitstand_cases_in_time_total", "Cases answered within the SLO of their release.", "workflow")
INTERRUPTIONS = _counter("leitstand_interruptions_total", "Steps that broke unforeseen.", "workflow")
QUARANTINED = _counter(
    "leitstand_cases_quarantined_total", "Cases that ended their process again and again.", "workflow"
)
RESPONSE = _histogram("leitstand_case_response_seconds", "From acceptance of a case to its decision.", "workflow")
RETRIEVAL = _histogram("leitstand_retrieval_seconds", "Search in the sources of a case.", "workflow")
MODEL_CALLS = _counter(
    "leitstand_model_calls_total", "Attempts, by `ok` or kind of failure.", "provider", "model", "outcome"
)
MODEL_SECONDS = _histogram("leitstand_model_call_seconds", "Attempts, answered or not.", "provider", "model")
MODEL_TOKENS = _counter(
    "leitstand_model_tokens_total",
    "Tokens that models reported, each in one kind: `input`, `cached_input`, `cache_write`, `audio_input`, `output`, "
    "`reasoning`, `audio_output`.",
    "provider",
    "model",
    "kind",
)
MODEL_COST = _counter(
    "leitstand_model_cost_total", "Known cost of attempts in units of the currency.", "provider", "model", "currency"
)
MODEL_UNPRICED = _counter("leitstand_model_calls_unpriced_total", "Attempts of unknown cost.", "provider", "model")
MODEL_WITHHELD = _counter(
    "leitstand_model_calls_withheld_total",
    "Calls that a gate did not let leave: `stop`, `zone`, `breaker`, `rate`, `budget` ...",
    "provider",
    "model",
    "reason",
)
MODEL_REUSED = _counter(
    "leitstand_answers_reused_total",
    "Drafts without a model call: the request was the same (`exact`), at the same time (`shared`), or meant the same "
    "(`semantic`).",
    "workflow",
    "how",
)
TOOL_CALLS = _counter(
    "leitstand_tool_calls_total",
    "Tool calls that a model asked for: `ok`, `proposed`, why it was refused, or how it failed.",
    "workflow",
    "tool",
    "outcome",
)
DRAFTS = _counter(
    "leitstand_drafts_total",
    "Drafts of the `first` target or of a `fallback`, and `missed` ones; a release is named by the first twelve digits "
    "of its digest.",
    "workflow",
    "from",
    "release",
)
FALLBACKS = _counter(
    "leitstand_fallbacks_total",
    "Cases that needed another target than the first, by why that was left: how it failed, or why it was withheld.",
    "workflow",
    "release",
    "reason",
)
VERDICTS = _counter("leitstand_guard_verdicts_total", "What guardrails said.", "workflow", "guard", "verdict")
DECIDED = _counter("leitstand_reviews_decided_total", "What people decided.", "workflow", "verb")
DELIVERIES = _counter(
    "leitstand_deliveries_total", "Deliveries: `delivered`, `retried`, or `refused` for good.", "workflow", "outcome"
)
REQUESTS = _counter("leitstand_http_requests_total", "HTTP requests answered.", "handler", "status")
REQUEST_SECONDS = _histogram(
    "leitstand_http_request_seconds", "HTTP requests, the time that a caller chose to wait included.", "handler"
)
REQUEST_ERRORS = _counter(
    "leitstand_http_errors_total",
    "HTTP requests refused or broken; `overloaded`, `workflow_full` and `server_busy` are shed.",
    "code",
)
TELEMETRY_DROPPED = _counter(
    "leitstand_telemetry_dropped_total",
    "What no collector got: there was no room for it, or it was refused.",
    "exporter",
)

BREAKER_OPEN = _gauge(
    "leitstand_breaker_open",
    "1 while a model is left alone because it fails, or is slow, too often; 0 while it is asked.",
    "provider",
    "model",
)
INFO = _gauge("leitstand_info", "Always 1.", "version")
DATABASE_UP = _gauge("leitstand_database_up", "1 when the database answered this scrape in time.")
DRAINING = _gauge("leitstand_draining", "1 while this process takes up nothing new.")
LOOK_AGE = _gauge("leitstand_look_age_seconds", "Since the worker last finished looking for cases.")
TASKS = _gauge("leitstand_tasks", "Tasks of the event loop; a number that only grows is a leak.")
RUNNING = _gauge("leitstand_cases_running", "Cases under way in this process; it holds their leases.")
RUNNING_LIMIT = _gauge("leitstand_cases_running_limit", "Cases that may be under way in this process.")
QUEUED = _gauge("leitstand_queue_cases", "Cases that wait for their turn, up to 10,000.", "workflow", "priority")
QUEUE_AGE = _gauge("leitstand_queue_oldest_seconds", "Since the oldest of them was accepted.", "workflow", "priority")
QUEUE_LIMIT = _gauge("leitstand_queue_limit", "Cases that may wait; more are refused.")
OPEN = _gauge(
    "leitstand_cases_open",
    "Cases that have neither ended nor wait for a person, up to 10,000 that nobody runs.",
    "workflow",
)
OPEN_AGE = _gauge("leitstand_cases_open_oldest_seconds", "Since the oldest of them was accepted.", "workflow")
REVIEWS = _gauge("leitstand_reviews_waiting", "Cases that wait for a person.", "workflow", "status")
OVERDUE = _gauge("leitstand_reviews_overdue", "Those of them that are past their time.", "workflow")
BUDGET_LIMIT = _gauge("leitstand_budget_limit", "What may be spent in the period.", "workflow", "period", "currency")
BUDGET_SPENT = _gauge("leitstand_budget_spent", "What is spent of it.", "workflow", "period", "currency")
BUDGET_RESERVED = _gauge(
    "leitstand_budget_reserved", "What is held back for calls under way.", "workflow", "period", "currency"
)
OUTBOX = _gauge("leitstand_outbox_cases", "Deliveries begun and not done.", "workflow")
OUTBOX_AGE = _gauge("leitstand_outbox_oldest_seconds", "Since the oldest of them was due.", "workflow")
SLO_SECONDS = _gauge("leitstand_slo_response_seconds", "Response time that the active release promises.", "workflow")
SLO_TARGET = _gauge("leitstand_slo_target_ratio", "Share of cases for which it is promised.", "workflow")
DISK_FREE = _gauge("leitstand_disk_free_bytes", "Free where the data folder is.")
COMMITS = _counter("leitstand_store_commits_total", "Transactions of this process.")
WRITES = _counter("leitstand_store_writes_total", "Writes in them; their ratio is the size of a batch.")
WRITES_WAITING = _gauge("leitstand_store_writes_waiting", "Writes that wait for a transaction.")
CONNECTIONS = _gauge("leitstand_store_connections_used", "Connections at work (PostgreSQL).")
HEARTBEAT_AGE = _gauge("leitstand_store_heartbeat_age_seconds", "Since this process renewed its leases (PostgreSQL).")

METRICS: tuple[Metric, ...] = tuple(value for value in dict(globals()).values() if isinstance(value, Metric))
"""All of them, in the order of this page."""

Labels = tuple[str, ...]
"""Values in the order of a metric's ``labels``."""

Numbers = dict[str, dict[Labels, float]]
"""Name of a counter or gauge to its values by labels."""


@dataclass(kw_only=True, slots=True)
class Buckets:
    """A histogram: how many measurements fell below each bound of ``SECONDS`` and above the one before, and their sum.

    The last count is of those above all bounds.
    """

    counts: list[int]
    total: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What all numbers are at one moment."""

    numbers: Numbers
    histograms: dict[str, dict[Labels, Buckets]]
