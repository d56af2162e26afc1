"""What does a real collector get? An OTLP/HTTP receiver on a socket, which reads what comes as protobuf."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PATIENCE = 20.0


@dataclass
class Collector:
    """What came so far, as bytes; ``status`` and ``delay`` say how it answers from now on."""

    url: str = ""
    status: int = 200
    delay: float = 0.0
    received: list[tuple[str, bytes]] = field(default_factory=list)

    def bodies(self, path: str) -> list[bytes]:
        return [body for where, body in list(self.received) if where == path]

    def spans(self) -> list[Span]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies("/v1/traces")]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def metrics(self) -> dict[str, Metric]:
        requests = [ExportMetricsServiceRequest.FromString(body) for body in self.bodies("/v1/metrics")]
        return {
            metric.name: metric
            for request in requests
            for resource in request.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def wait(self, path: str = "/v1/traces") -> None:
        until = time.monotonic() + PATIENCE
        while not self.bodies(path):
            assert time.monotonic() < until, f"nothing came to {path}"
            time.sleep(0.01)


def value(any_value: AnyValue) -> object:
    kind = any_value.WhichOneof("value")
    found = getattr(any_value, kind)
    return tuple(value(each) for each in found.values) if kind == "array_value" else found


def attributes(span: Span) -> dict[str, object]:
    return {each.key: value(each.value) for each in span.attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            time.sleep(collector.delay)
            if collector.status == 200:
                collector.received.append((self.path, body))
            self.send_response(collector.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
