"""`/metrics` for Prometheus, with a bearer token of its own and under any host name."""

from __future__ import annotations

import hmac

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from outlook_mcp.telemetry.prometheus import CONTENT_TYPE, PrometheusMetrics

METRICS_PATH = "/metrics"


def metrics_routes(metrics: PrometheusMetrics | None, token: SecretStr | None) -> list[Route]:
    """No route while either is None."""
    if metrics is None or token is None:
        return []
    expected = f"Bearer {token.get_secret_value()}".encode()

    async def show_metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, expected):
            return PlainTextResponse("The token is missing or wrong.\n", 401, {"WWW-Authenticate": "Bearer"})
        return Response(metrics.page(), media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})

    return [Route(METRICS_PATH, show_metrics)]
