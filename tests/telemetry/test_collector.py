"""Metrics and traces reach a collector by OTLP over HTTP, as its own format says; with the extra `telemetry`."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from outlook_mcp.app.telemetry import open_telemetry
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.telemetry.events import observers
from outlook_mcp.telemetry.opentelemetry import exporting_observer
from tests.telemetry.test_metrics import TENANT, call, exchange

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra `telemetry` is not installed")
metrics_service = pytest.importorskip("opentelemetry.proto.collector.metrics.v1.metrics_service_pb2")
trace_service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")


class Collector:
    """What it was sent, by path, decoded."""

    def __init__(self) -> None:
        self.metrics: list[Any] = []
        self.spans: list[Any] = []
        self.resources: list[Any] = []
        self.content_types: set[str] = set()
        self.answers = threading.Event()
        self.answers.set()

    def take(self, path: str, content_type: str, body: bytes) -> None:
        self.content_types.add(content_type)
        if path == "/v1/metrics":
            request = metrics_service.ExportMetricsServiceRequest.FromString(body)
            self.resources += [metrics.resource for metrics in request.resource_metrics]
            self.metrics += [
                metric
                for resource in request.resource_metrics
                for scope in resource.scope_metrics
                for metric in scope.metrics
            ]
        elif path == "/v1/traces":
            request = trace_service.ExportTraceServiceRequest.FromString(body)
            self.spans += [
                span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans
            ]


@contextmanager
def running_collector() -> Iterator[tuple[Collector, str]]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            collector.answers.wait(30)
            collector.take(self.path, self.headers["Content-Type"], body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the base class writes to stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield collector, f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def attributes_of(part: Any) -> dict[str, str]:
    return {pair.key: pair.value.string_value for pair in part.attributes}


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_a_collector_gets_the_span_of_a_call_with_its_graph_request_below_it_and_the_metrics(
    monkeypatch: pytest.MonkeyPatch, compression: str
) -> None:
    with running_collector() as (collector, url):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", compression)
        with open_telemetry(GivenConfiguration.model_validate({"telemetry": True})):
            (observer,) = observers()
            observer.graph_answered(exchange("429"))
            observer.graph_throttled()
            observer.call_ended(call("graph_throttled"))
            observer.token_refreshed("refreshed", TENANT)
    spans = {span.name: span for span in collector.spans}
    called, asked = spans["tools/call mail_search"], spans["GET /v1.0/me/messages/{id}"]
    assert (asked.trace_id, asked.parent_span_id) == (called.trace_id, called.span_id)
    assert attributes_of(called)["gen_ai.tool.name"] == "mail_search"
    assert attributes_of(called)["outlook.tenant"] == TENANT
    assert called.end_time_unix_nano - called.start_time_unix_nano == pytest.approx(300_000_000, abs=1000)
    measured = {metric.name: metric for metric in collector.metrics}
    (duration,) = measured["mcp.server.operation.duration"].histogram.data_points
    assert (duration.count, duration.sum) == (1, pytest.approx(0.3))
    assert attributes_of(duration)["error.type"] == "tool_error"
    assert attributes_of(duration)["outlook.outcome"] == "graph_throttled"
    for name in ("outlook.graph.throttled", "outlook.token.refreshes"):
        (counted,) = measured[name].sum.data_points
        assert counted.as_int == 1
    assert collector.content_types == {"application/x-protobuf"}


def exported_metrics(monkeypatch: pytest.MonkeyPatch, **variables: str) -> tuple[dict[str, str], dict[str, Any]]:
    """What a collector is told of the service, and the metrics by name, of one call and its request to Graph."""
    with running_collector() as (collector, url):
        for name, value in {"OTEL_EXPORTER_OTLP_ENDPOINT": url, **variables}.items():
            monkeypatch.setenv(name, value)
        observer = exporting_observer()
        observer.graph_answered(exchange())
        observer.call_ended(call())
        observer.shutdown()
    (resource,) = collector.resources
    return attributes_of(resource), {metric.name: metric for metric in collector.metrics}


def test_durations_of_less_than_five_seconds_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    _, measured = exported_metrics(monkeypatch)
    (called,) = measured["mcp.server.operation.duration"].histogram.data_points
    assert list(called.explicit_bounds) == [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300]
    (asked,) = measured["http.client.request.duration"].histogram.data_points
    assert list(asked.explicit_bounds) == [*(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)]


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({}, "outlook-mcp"),
        ({"OTEL_SERVICE_NAME": "mail"}, "mail"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=mail,deployment.environment.name=test"}, "mail"),
    ],
)
def test_the_service_is_called_as_the_variables_of_opentelemetry_say(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], name: str
) -> None:
    service, _ = exported_metrics(monkeypatch, **variables)
    assert service["service.name"] == name
    assert service["service.version"]
    # Counts of two servers under one name would be taken for one that jumps.
    assert service["service.instance.id"]


def test_a_collector_that_does_not_answer_holds_up_no_shutdown(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with running_collector() as (collector, url):
        collector.answers.clear()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        observer = exporting_observer(shutdown_s=0.05)
        observer.call_ended(call())
        observer.shutdown()
        assert collector.spans == []
        assert "did not reach their collector within 0.05 s" in caplog.text
        collector.answers.set()
