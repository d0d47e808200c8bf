"""Counts events in memory and writes them in the text format of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/. Names are those of OpenTelemetry as Prometheus spells
them: https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/ and .../http/http-metrics/.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from outlook_mcp.telemetry.events import GraphExchange, McpCall

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# In seconds, as the conventions advise for MCP and HTTP.
BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
# Tenants beyond share one label, so that memory and page stay small.
MOST_TENANTS = 200
OTHER_TENANTS = "other"
Labels = tuple[tuple[str, str], ...]


class _Histogram:
    def __init__(self) -> None:
        self.buckets = [0] * (len(BUCKETS) + 1)
        self.total = 0.0

    def add_value(self, seconds: float) -> None:
        self.buckets[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


class PrometheusMetrics:
    """An `Observer`."""

    def __init__(self) -> None:
        self._tenants: set[str] = set()
        self._durations: dict[str, dict[Labels, _Histogram]] = {
            "mcp_server_operation_duration_seconds": {},
            "http_client_request_duration_seconds": {},
        }
        self._counts: dict[str, dict[Labels, int]] = {
            "outlook_graph_throttled_total": {(): 0},
            "outlook_token_refreshes_total": {},
            "outlook_requests_refused_total": {},
        }

    def call_ended(self, call: McpCall) -> None:
        labels = [("mcp_method_name", call.method), ("gen_ai_tool_name", call.name), ("outcome", call.outcome)]
        labels.append(("outlook_tenant", self._tenant(call.tenant)))
        self._add_duration("mcp_server_operation_duration_seconds", tuple(labels), call.seconds)

    def graph_answered(self, exchange: GraphExchange) -> None:
        labels = (
            ("http_request_method", exchange.method),
            ("url_template", exchange.route),
            ("http_response_status_code", exchange.outcome),
        )
        self._add_duration("http_client_request_duration_seconds", labels, exchange.seconds)
        if exchange.outcome == "429":
            self._count("outlook_graph_throttled_total", ())

    def token_refreshed(self, outcome: str, tenant: str) -> None:
        self._count("outlook_token_refreshes_total", (("outcome", outcome), ("outlook_tenant", self._tenant(tenant))))

    def request_refused(self, reason: str) -> None:
        self._count("outlook_requests_refused_total", (("reason", reason),))

    def page(self) -> str:
        """Everything that was counted since the process started."""
        return "".join(f"{line}\n" for line in (*self._histogram_lines(), *self._counter_lines()))

    def _tenant(self, tenant: str) -> str:
        if tenant in self._tenants or len(self._tenants) < MOST_TENANTS:
            self._tenants.add(tenant)
            return tenant
        return OTHER_TENANTS

    def _add_duration(self, name: str, labels: Labels, seconds: float) -> None:
        self._durations[name].setdefault(labels, _Histogram()).add_value(seconds)

    def _count(self, name: str, labels: Labels) -> None:
        self._counts[name][labels] = self._counts[name].get(labels, 0) + 1

    def _histogram_lines(self) -> Iterator[str]:
        for name, series in self._durations.items():
            yield f"# TYPE {name} histogram"
            for labels, histogram in sorted(series.items()):
                count = 0
                for limit, number in zip((*map(str, BUCKETS), "+Inf"), histogram.buckets, strict=True):
                    count += number
                    yield f"{name}_bucket{_written((*labels, ('le', limit)))} {count}"
                yield f"{name}_sum{_written(labels)} {histogram.total:.6f}"
                yield f"{name}_count{_written(labels)} {count}"

    def _counter_lines(self) -> Iterator[str]:
        for name, series in self._counts.items():
            yield f"# TYPE {name} counter"
            for labels, count in sorted(series.items()):
                yield f"{name}{_written(labels)} {count}"


def _written(labels: Labels) -> str:
    """
    >>> _written((("tool", 'a"b'), ("le", "0.1")))
    '{tool="a\\\\"b",le="0.1"}'
    """
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
