"""Turns on what the settings ask for: metrics for Prometheus, and metrics and traces by OTLP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from outlook_mcp.config import Configuration
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.telemetry.events import observed_by
from outlook_mcp.telemetry.prometheus import PrometheusMetrics


@contextmanager
def open_telemetry(configuration: Configuration) -> Iterator[PrometheusMetrics | None]:
    """The metrics for Prometheus, None when they are off. Raises ConfigurationError without the extra `telemetry`."""
    with ExitStack() as stack:
        if configuration.telemetry:
            exporting = _exporting_observer()
            stack.callback(exporting.shutdown)
            stack.enter_context(observed_by(exporting))
        metrics = PrometheusMetrics() if configuration.metrics_token else None
        if metrics is not None:
            stack.enter_context(observed_by(metrics))
        yield metrics


def _exporting_observer() -> Any:
    try:
        # Here and not at the top: OpenTelemetry is loaded only when it is asked for.
        from outlook_mcp.telemetry.opentelemetry import exporting_observer

        return exporting_observer()
    except ImportError:
        raise ConfigurationError(
            "OUTLOOK_MCP_TELEMETRY: read true; expected the extra `telemetry` to be installed.",
            next_step="Install `outlook-mailbox-mcp[telemetry]`.",
        ) from None
