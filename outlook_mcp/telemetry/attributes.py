"""What is told of each event, by the names of OpenTelemetry, and how long events take as a rule.

https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md and
https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
"""

from __future__ import annotations

from outlook_mcp.telemetry.events import GraphExchange, McpCall

CALL_DURATION = "mcp.server.operation.duration"
GRAPH_DURATION = "http.client.request.duration"
# The boundaries of their buckets in seconds, as the conventions advise.
BUCKETS = {
    CALL_DURATION: (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0),
    GRAPH_DURATION: (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0),
}
TOOL_CALL = "tools/call"
# A call that ended so returned nothing.
_WITHOUT_RESULT = ("cancelled", "broken")

Attributes = dict[str, str | int]


def call_attributes(call: McpCall, tenant: str) -> Attributes:
    """Of a call; `tenant` is what is told of the caller's.

    A tool that fails returns an error in its result, which the conventions call `tool_error`; `outlook.outcome` says
    which one it was.
    """
    attributes: Attributes = {"mcp.method.name": call.method}
    if call.method == TOOL_CALL:
        attributes |= {"gen_ai.tool.name": call.name, "gen_ai.operation.name": "execute_tool"}
    elif call.method == "prompts/get":
        attributes["gen_ai.prompt.name"] = call.name
    attributes |= {"outlook.outcome": call.outcome, "outlook.tenant": tenant}
    if call.has_failed:
        returned_error = call.method == TOOL_CALL and call.outcome not in _WITHOUT_RESULT
        attributes["error.type"] = "tool_error" if returned_error else call.outcome
    return attributes


def exchange_attributes(exchange: GraphExchange) -> Attributes:
    """Of a request to Microsoft Graph."""
    attributes: Attributes = {
        "http.request.method": exchange.method,
        "server.address": exchange.host,
        "server.port": exchange.port,
        "url.template": exchange.route,
    }
    if exchange.outcome.isdecimal():
        attributes["http.response.status_code"] = int(exchange.outcome)
    if not exchange.outcome.startswith(("2", "3")):
        attributes["error.type"] = exchange.outcome
    return attributes


def refresh_attributes(outcome: str, tenant: str) -> Attributes:
    """Of a renewal of Microsoft's tokens."""
    return {"outlook.outcome": outcome, "outlook.tenant": tenant}


def refusal_attributes(reason: str) -> Attributes:
    """Of a request that was refused."""
    return {"error.type": reason}
