"""What is measured has the names of the conventions, and nothing that names a person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr
from starlette.applications import Starlette

import outlook_mcp.telemetry.opentelemetry
from outlook_mcp.app.telemetry import open_telemetry
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.errors import ConfigurationError
from outlook_mcp.telemetry.attributes import call_attributes
from outlook_mcp.telemetry.events import GraphExchange, McpCall, observed_by, observers
from outlook_mcp.telemetry.opentelemetry import OpenTelemetryObserver
from outlook_mcp.telemetry.prometheus import MOST_TENANTS, PrometheusMetrics
from outlook_mcp.web.http.metrics import metrics_routes

TENANT = "2f1f6c3e-8a7b-4d55-9c0e-1b7d5a3e9001"


def call(outcome: str = "ok", tenant: str = TENANT) -> McpCall:
    return McpCall(
        method="tools/call", name="mail_search", outcome=outcome, tenant=tenant, seconds=0.3, request_id="r1"
    )


def exchange(outcome: str = "200") -> GraphExchange:
    route = "/v1.0/me/messages/{id}"
    return GraphExchange(
        method="GET",
        host="graph.microsoft.com",
        port=443,
        route=route,
        outcome=outcome,
        seconds=0.04,
        request_id="r1",
    )


def test_prometheus_reads_calls_graph_throttling_refreshes_and_refusals() -> None:
    metrics = PrometheusMetrics()
    with observed_by(metrics):
        for observer in observers():
            observer.call_ended(call())
            observer.graph_answered(exchange("429"))
            observer.graph_throttled()
            observer.token_refreshed("refreshed", TENANT)
            observer.request_refused("access:token:refused")
    lines = metrics.page().splitlines()
    labels = (
        'mcp_method_name="tools/call",gen_ai_tool_name="mail_search",gen_ai_operation_name="execute_tool",'
        f'outlook_outcome="ok",outlook_tenant="{TENANT}"'
    )
    assert f'mcp_server_operation_duration_seconds_bucket{{{labels},le="0.2"}} 0' in lines
    assert f'mcp_server_operation_duration_seconds_bucket{{{labels},le="0.5"}} 1' in lines
    assert f"mcp_server_operation_duration_seconds_count{{{labels}}} 1" in lines
    assert "outlook_graph_throttled_total 1" in lines
    assert f'outlook_token_refreshes_total{{outlook_outcome="refreshed",outlook_tenant="{TENANT}"}} 1' in lines
    assert 'outlook_requests_refused_total{error_type="access:token:refused"} 1' in lines
    assert any('url_template="/v1.0/me/messages/{id}"' in line for line in lines)


@pytest.mark.parametrize(
    ("method", "name", "label"),
    [
        ("prompts/get", "triage_inbox", 'gen_ai_prompt_name="triage_inbox"'),
        ("resources/read", "message", 'mcp_method_name="resources/read",outlook_outcome'),
    ],
)
def test_prompts_and_resources_are_not_counted_as_tools(method: str, name: str, label: str) -> None:
    metrics = PrometheusMetrics()
    metrics.call_ended(replace(call(), method=method, name=name))
    page = metrics.page()
    assert label in page
    assert "gen_ai_tool_name" not in page


@pytest.mark.parametrize(
    ("method", "outcome", "error_type"),
    [
        ("tools/call", "graph_throttled", "tool_error"),
        ("tools/call", "refused", "tool_error"),
        ("tools/call", "cancelled", "cancelled"),
        ("resources/read", "not_found", "not_found"),
        ("tools/call", "ok", None),
        ("tools/call", "asked", None),
    ],
)
def test_a_failed_tool_is_a_tool_error_as_the_conventions_call_it(
    method: str, outcome: str, error_type: str | None
) -> None:
    told = call_attributes(replace(call(outcome), method=method), TENANT)
    assert (told.get("error.type"), told["outlook.outcome"]) == (error_type, outcome)


def test_tenants_beyond_the_limit_share_one_label() -> None:
    metrics = PrometheusMetrics()
    for number in range(MOST_TENANTS + 50):
        metrics.call_ended(call(tenant=f"tenant-{number}"))
    assert metrics.page().count("_count{") == MOST_TENANTS + 1


async def test_metrics_need_their_token_and_are_off_without_one() -> None:
    metrics = PrometheusMetrics()
    assert metrics_routes(metrics, None) == metrics_routes(None, SecretStr("x" * 16)) == []
    site = Starlette(routes=metrics_routes(metrics, SecretStr("x" * 16)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://site") as http:
        for token in ("", "Bearer y", "x" * 16, "Bearer é"):
            assert (await http.get("/metrics", headers={b"Authorization": token.encode()})).status_code == 401
        answer = await http.get("/metrics", headers={"Authorization": f"Bearer {'x' * 16}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


class TestOpenTelemetry:
    def test_a_call_is_a_span_with_its_graph_requests_as_children(self) -> None:
        spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
        observer = OpenTelemetryObserver([reader], [SimpleSpanProcessor(spans)])
        observer.graph_answered(exchange())
        observer.graph_answered(exchange("503"))
        observer.call_ended(call("graph_unavailable"))
        first, second, called = spans.get_finished_spans()
        assert called.name == "tools/call mail_search"
        assert called.context is not None
        for child in (first, second):
            assert child.parent is not None
            assert child.parent.span_id == called.context.span_id
        assert dict(called.attributes or {}) == {
            "mcp.method.name": "tools/call",
            "gen_ai.tool.name": "mail_search",
            "gen_ai.operation.name": "execute_tool",
            "outlook.outcome": "graph_unavailable",
            "outlook.tenant": TENANT,
            "outlook.request.id": "r1",
            "error.type": "tool_error",
        }
        assert dict(second.attributes or {}) == {
            "http.request.method": "GET",
            "server.address": "graph.microsoft.com",
            "server.port": 443,
            "url.template": "/v1.0/me/messages/{id}",
            "http.response.status_code": 503,
            "error.type": "503",
        }
        assert [child.status.is_ok for child in (first, second)] == [True, False]
        names = {
            metric.name
            for resource in reader.get_metrics_data().resource_metrics  # type: ignore[union-attr]
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }
        assert {"mcp.server.operation.duration", "http.client.request.duration"} <= names
        observer.shutdown()


def test_no_other_module_imports_opentelemetry() -> None:
    """So nothing of it is loaded while it is off, but for what the Graph SDK loads."""
    package = Path(outlook_mcp.__file__).parent
    found = {path.name for path in package.rglob("*.py") if "from opentelemetry" in path.read_text()}
    assert found == {"opentelemetry.py"}


def test_telemetry_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = GivenConfiguration.model_validate({"telemetry": True})
    monkeypatch.setattr(outlook_mcp.telemetry.opentelemetry, "entry_points", lambda **_: ())
    with pytest.raises(ConfigurationError, match=r"outlook-mailbox-mcp\[telemetry\]"), open_telemetry(configuration):
        pass
    assert observers() == ()
