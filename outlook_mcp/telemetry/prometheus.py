"""Counts events in memory and writes them in the text format of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/. Names are those of OpenTelemetry, spelled
as Prometheus does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from outlook_mcp.telemetry.attributes import (
    BUCKETS,
    CALL_DURATION,
    GRAPH_DURATION,
    Attributes,
    call_attributes,
    exchange_attributes,
    refresh_attributes,
    refusal_attributes,
)
from outlook_mcp.telemetry.events import GraphExchange, McpCall

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Tenants beyond share one label, so that memory and page stay small.
MOST_TENANTS = 200
OTHER_TENANTS = "other"
Labels = tuple[tuple[str, str], ...]


class _Histogram:
    """`limits` are the upper ends of its buckets, but for the last one, which has none."""

    def __init__(self, limits: tuple[float, ...]) -> None:
        self.limits = limits
        self.buckets = [0] * (len(limits) + 1)
        self.total = 0.0

    def add_value(self, seconds: float) -> None:
        self.buckets[bisect_left(self.limits, seconds)] += 1
        self.total += seconds


class PrometheusMetrics:
    """An `Observer`."""

    def __init__(self) -> None:
        self._tenants: set[str] = set()
        self._durations: dict[str, dict[Labels, _Histogram]] = {name: {} for name in BUCKETS}
        self._counts: dict[str, dict[Labels, int]] = {
            "outlook_graph_throttled_total": {(): 0},
            "outlook_token_refreshes_total": {},
            "outlook_requests_refused_total": {},
        }

    def call_ended(self, call: McpCall) -> None:
        self._add_duration(CALL_DURATION, call_attributes(call, self._tenant(call.tenant)), call.seconds)

    def graph_answered(self, exchange: GraphExchange) -> None:
        self._add_duration(GRAPH_DURATION, exchange_attributes(exchange), exchange.seconds)

    def graph_throttled(self) -> None:
        self._count("outlook_graph_throttled_total", {})

    def token_refreshed(self, outcome: str, tenant: str) -> None:
        self._count("outlook_token_refreshes_total", refresh_attributes(outcome, self._tenant(tenant)))

    def request_refused(self, reason: str) -> None:
        self._count("outlook_requests_refused_total", refusal_attributes(reason))

    def page(self) -> str:
        """Everything that was counted since the process started."""
        return "".join(f"{line}\n" for line in (*self._histogram_lines(), *self._counter_lines()))

    def _tenant(self, tenant: str) -> str:
        if tenant in self._tenants or len(self._tenants) < MOST_TENANTS:
            self._tenants.add(tenant)
            return tenant
        return OTHER_TENANTS

    def _add_duration(self, name: str, attributes: Attributes, seconds: float) -> None:
        series = self._durations[name]
        series.setdefault(_labels(attributes), _Histogram(BUCKETS[name])).add_value(seconds)

    def _count(self, name: str, attributes: Attributes) -> None:
        labels = _labels(attributes)
        self._counts[name][labels] = self._counts[name].get(labels, 0) + 1

    def _histogram_lines(self) -> Iterator[str]:
        for measured, series in self._durations.items():
            name = f"{_spelled(measured)}_seconds"
            yield f"# TYPE {name} histogram"
            for labels, histogram in sorted(series.items()):
                count = 0
                for limit, number in zip((*map(str, histogram.limits), "+Inf"), histogram.buckets, strict=True):
                    count += number
                    yield f"{name}_bucket{_written((*labels, ('le', limit)))} {count}"
                yield f"{name}_sum{_written(labels)} {histogram.total:.6f}"
                yield f"{name}_count{_written(labels)} {count}"

    def _counter_lines(self) -> Iterator[str]:
        for name, series in self._counts.items():
            yield f"# TYPE {name} counter"
            for labels, count in sorted(series.items()):
                yield f"{name}{_written(labels)} {count}"


def _labels(attributes: Attributes) -> Labels:
    return tuple((_spelled(name), str(value)) for name, value in attributes.items())


def _spelled(name: str) -> str:
    """
    >>> _spelled("gen_ai.tool.name")
    'gen_ai_tool_name'
    """
    return name.replace(".", "_")


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
