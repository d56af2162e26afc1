"""How is a reading of all numbers written down for Prometheus?"""

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from leitstand.domain.metric import METRICS, SECONDS, Kind, Metric, Reading


def write_text(reading: Reading) -> bytes:
    """Text for a Prometheus server, with memory, files and garbage collection of the process; no global registry."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(_Readings(reading))
    return generate_latest(registry)


class _Readings(Collector):
    """Hands a reading to the registry; metrics without a value yet are named all the same."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def collect(self) -> Iterator[Family]:
        """Every metric of ours."""
        for metric in METRICS:
            yield _histogram(metric, self._reading) if metric.kind is Kind.HISTOGRAM else _number(metric, self._reading)


def _number(metric: Metric, reading: Reading) -> Family:
    make = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = make(metric.name, metric.help, labels=metric.labels)
    for labels, value in reading.numbers.get(metric.name, {}).items():
        family.add_metric(labels, value)
    return family


def _histogram(metric: Metric, reading: Reading) -> Family:
    family = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
    bounds = [*map(str, SECONDS), "+Inf"]
    for labels, buckets in reading.histograms.get(metric.name, {}).items():
        family.add_metric(labels, list(zip(bounds, accumulate(buckets.counts), strict=True)), buckets.total)
    return family
