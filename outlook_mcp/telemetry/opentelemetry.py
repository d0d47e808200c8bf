"""Sends metrics and traces by OTLP, with the extra `telemetry` installed; imported only when a setting asks for it.

Its providers are not those of the process: the Graph SDK would report whole addresses with ids through them.
https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from importlib.metadata import entry_points
from threading import Thread
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

from outlook_mcp import __version__
from outlook_mcp.net.clock import seconds_since_boot, unix_time
from outlook_mcp.telemetry.attributes import (
    BUCKETS,
    CALL_DURATION,
    GRAPH_DURATION,
    call_attributes,
    exchange_attributes,
    refresh_attributes,
    refusal_attributes,
)
from outlook_mcp.telemetry.events import GraphExchange, McpCall

# Calls in progress whose Graph requests are kept until they end.
_MOST_CALLS = 10_000
_NANOSECONDS = 1_000_000_000
SHUTDOWN_S = 5.0
_log = logging.getLogger(__name__)


class OpenTelemetryObserver:
    """An `Observer`. `readers` and `processors` export what it measures, within `shutdown_s` at the end."""

    def __init__(
        self,
        readers: Sequence[MetricReader],
        processors: Sequence[SpanProcessor],
        *,
        shutdown_s: float = SHUTDOWN_S,
    ) -> None:
        self._shutdown_s = shutdown_s
        resource = _resource()
        self._meters = MeterProvider(metric_readers=readers, resource=resource, shutdown_on_exit=False)
        self._traces = TracerProvider(resource=resource, shutdown_on_exit=False)
        for processor in processors:
            self._traces.add_span_processor(processor)
        self._tracer = self._traces.get_tracer("outlook_mcp", __version__)
        meter = self._meters.get_meter("outlook_mcp", __version__)
        self._calls, self._graph = (
            meter.create_histogram(name, unit="s", explicit_bucket_boundaries_advisory=BUCKETS[name])
            for name in (CALL_DURATION, GRAPH_DURATION)
        )
        self._throttled = meter.create_counter("outlook.graph.throttled")
        self._refreshes = meter.create_counter("outlook.token.refreshes")
        self._refused = meter.create_counter("outlook.requests.refused")
        self._exchanges: OrderedDict[str, list[tuple[GraphExchange, int]]] = OrderedDict()

    def call_ended(self, call: McpCall) -> None:
        attributes = call_attributes(call, call.tenant)
        self._calls.record(call.seconds, attributes)
        ended = _now_ns()
        span = self._tracer.start_span(
            f"{call.method} {call.name}",
            kind=SpanKind.SERVER,
            attributes=attributes | {"outlook.request.id": call.request_id},
            start_time=ended - int(call.seconds * _NANOSECONDS),
        )
        if call.has_failed:
            span.set_status(Status(StatusCode.ERROR))
        parent = set_span_in_context(span)
        for exchange, exchange_ended in self._exchanges.pop(call.request_id, ()):
            self._add_exchange(exchange, exchange_ended, parent)
        span.end(ended)

    def graph_answered(self, exchange: GraphExchange) -> None:
        self._graph.record(exchange.seconds, exchange_attributes(exchange))
        if not exchange.request_id:
            self._add_exchange(exchange, _now_ns(), None)
            return
        self._exchanges.setdefault(exchange.request_id, []).append((exchange, _now_ns()))
        if len(self._exchanges) > _MOST_CALLS:
            self._exchanges.popitem(last=False)

    def graph_throttled(self) -> None:
        self._throttled.add(1)

    def token_refreshed(self, outcome: str, tenant: str) -> None:
        self._refreshes.add(1, refresh_attributes(outcome, tenant))

    def request_refused(self, reason: str) -> None:
        self._refused.add(1, refusal_attributes(reason))

    def shutdown(self) -> None:
        """Exports what is left; gives up after `shutdown_s`, since exporters try for 14 s to reach a collector."""
        threads = [Thread(target=part.shutdown, daemon=True) for part in (self._traces, self._meters)]
        for thread in threads:
            thread.start()
        deadline = seconds_since_boot() + self._shutdown_s
        for thread in threads:
            thread.join(max(0.0, deadline - seconds_since_boot()))
        if any(thread.is_alive() for thread in threads):
            _log.warning("The last metrics and traces did not reach their collector within %g s.", self._shutdown_s)

    def _add_exchange(self, exchange: GraphExchange, ended: int, parent: Any) -> None:
        attributes = exchange_attributes(exchange)
        span = self._tracer.start_span(
            f"{exchange.method} {exchange.route}",
            context=parent,
            kind=SpanKind.CLIENT,
            attributes=attributes,
            start_time=ended - int(exchange.seconds * _NANOSECONDS),
        )
        if "error.type" in attributes:
            span.set_status(Status(StatusCode.ERROR))
        span.end(ended)


def _resource() -> Resource:
    """What runs here; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES may say otherwise."""
    own = Resource.create({"service.name": "outlook-mcp", "service.version": __version__})
    return own.merge(OTELResourceDetector().detect())


def exporting_observer(*, shutdown_s: float = SHUTDOWN_S) -> OpenTelemetryObserver:
    """Exports by OTLP over HTTP to where the variables of OpenTelemetry say (OTEL_EXPORTER_OTLP_ENDPOINT and others).

    Raises ImportError without the extra `telemetry`.
    """
    reader = PeriodicExportingMetricReader(_exporter("opentelemetry_metrics_exporter"))
    processor = BatchSpanProcessor(_exporter("opentelemetry_traces_exporter"))
    return OpenTelemetryObserver([reader], [processor], shutdown_s=shutdown_s)


def _exporter(group: str) -> Any:
    """Exporters are found as OpenTelemetry finds them, by the entry points of their package."""
    for entry_point in entry_points(group=group, name="otlp_proto_http"):
        return entry_point.load()()
    raise ImportError("the exporter of OpenTelemetry is not installed")


def _now_ns() -> int:
    """Unix time in nanoseconds, as spans have it."""
    return int(unix_time() * _NANOSECONDS)
