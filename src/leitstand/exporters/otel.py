"""How do cases become traces and metrics of an OpenTelemetry collector, without ever waiting for it?"""

import asyncio
import logging
import queue
import threading
import time
import uuid
from collections.abc import Iterable

import requests
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult

from leitstand import __version__
from leitstand.domain.case import RUNNABLE, Case
from leitstand.domain.event import Event, ModelCallFinished
from leitstand.exporters.otel_spans import Stretch, chat_attributes, spans_of
from leitstand.ports import Change

_log = logging.getLogger(__name__)

MOST_WAITING = 10_000
"""Changes that wait for the thread; what comes when it is this far behind is dropped and counted."""

MOST_CASES = 10_000
"""Cases followed at once; the one that was quiet for longest is given up first."""

MOST_SPANS = 512
"""Spans in one request, give or take a case."""

LONGEST_WAIT = 1.0
"""Seconds that a span waits for others to share a request with."""

SEND_SECONDS = 5.0
CLOSE_SECONDS = 5.0
METRICS_SECONDS = 15.0

TOKENS = [4**power for power in range(14)]
DURATIONS = [0.01 * 2**power for power in range(14)]
"""Buckets that the conventions ask for."""

logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
"""The library logs every request that fails, with its stack; what is lost is counted here and said once."""

_Told = tuple[Case, tuple[Event, ...]]


class Otel:
    """Traces and metrics for the collector at ``endpoint``, over OTLP/HTTP, from a thread of its own.

    A case hands its events over and goes on; a collector that is slow or down costs nothing but what it misses.
    """

    name = "otel"

    def __init__(self, endpoint: str) -> None:
        self.dropped = 0
        self._sending = True
        self._queue: queue.SimpleQueue[_Told | None] = queue.SimpleQueue()
        self._stretches: dict[str, Stretch] = {}
        self._resource = Resource(
            {"service.name": "leitstand", "service.version": __version__, "service.instance.id": uuid.uuid4().hex}
        )
        place, session = endpoint.rstrip("/"), requests.Session()
        session.trust_env = False
        self._exporter = OTLPSpanExporter(f"{place}/v1/traces", timeout=SEND_SECONDS, session=session)
        self._meters = self._metered(OTLPMetricExporter(f"{place}/v1/metrics", timeout=SEND_SECONDS, session=session))
        self._thread = threading.Thread(target=self._serve, name="leitstand-otel", daemon=True)
        self._thread.start()

    def saved(self, change: Change) -> None:
        """Hand the events over; what they carry stays here."""
        if self._queue.qsize() < MOST_WAITING:
            self._queue.put((change.case, change.events))
        else:
            self.dropped += 1

    async def close(self) -> None:
        """Send what is left, unless the collector keeps us waiting."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join, CLOSE_SECONDS)

    def _metered(self, exporter: OTLPMetricExporter) -> MeterProvider:
        reader = PeriodicExportingMetricReader(exporter, export_interval_millis=METRICS_SECONDS * 1000)
        provider = MeterProvider([reader], resource=self._resource, shutdown_on_exit=False)
        meter = provider.get_meter("leitstand", __version__)
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            unit="{token}",
            description="Input and output tokens of model calls.",
            explicit_bucket_boundaries_advisory=TOKENS,
        )
        self._seconds = meter.create_histogram(
            "gen_ai.client.operation.duration",
            unit="s",
            description="Duration of model calls.",
            explicit_bucket_boundaries_advisory=DURATIONS,
        )
        return provider

    def _serve(self) -> None:
        spans: list[ReadableSpan] = []
        going_on, until = True, time.monotonic() + LONGEST_WAIT
        while going_on:
            try:
                told = self._queue.get(timeout=max(until - time.monotonic(), 0.001))
                going_on = told is not None
                spans.extend(self.follow(*told) if told else ())
            except queue.Empty:
                pass
            if spans and (not going_on or len(spans) >= MOST_SPANS or time.monotonic() >= until):
                self._send(spans)
                spans = []
            if time.monotonic() >= until:
                until = time.monotonic() + LONGEST_WAIT
        self._meters.shutdown(timeout_millis=SEND_SECONDS * 1000)
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def follow(self, case: Case, events: tuple[Event, ...]) -> Iterable[ReadableSpan]:
        """The spans of a case that came to rest; what happened is kept until then."""
        stretch = self._stretches.pop(case.case_id, None) or Stretch(case=case, events=[])
        stretch.case = case
        stretch.events.extend(events)
        if case.status in RUNNABLE:
            self._stretches[case.case_id] = stretch
            if len(self._stretches) > MOST_CASES:
                del self._stretches[next(iter(self._stretches))]
                self.dropped += 1
            return ()
        try:
            spans = tuple(spans_of(stretch, self._resource))
            self._measure(stretch)
        except Exception:  # noqa: BLE001  the thread must outlive every case
            _log.exception("case %s makes no spans", case.case_id)
            self.dropped += 1
            return ()
        return spans

    def _measure(self, stretch: Stretch) -> None:
        for event in stretch.events:
            if not isinstance(event.body, ModelCallFinished):
                continue
            call = event.body
            attributes = chat_attributes(stretch.targets.get(call.target, ("other", "other")), call.error)
            self._seconds.record(call.duration / 1e6, attributes)
            for kind, tokens in (("input", call.usage.given), ("output", call.usage.made)):
                if tokens is not None:
                    self._tokens.record(tokens, {**attributes, "gen_ai.token.type": kind})

    def _send(self, spans: list[ReadableSpan]) -> None:
        """Send, or drop; a collector that went away or came back is mentioned once."""
        try:
            sent = self._exporter.export(spans) is SpanExportResult.SUCCESS
        except Exception:  # noqa: BLE001  whatever the collector does, the thread goes on
            sent = False
        self.dropped += 0 if sent else len(spans)
        if sent != self._sending:
            self._sending = sent
            _log.warning(
                "the collector takes spans again" if sent else "the collector takes no spans; they are dropped"
            )
