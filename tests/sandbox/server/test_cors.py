"""Web pages of any origin may call Graph, and never the control API."""

from __future__ import annotations

import httpx
import pytest

from outlook_mcp.sandbox import SandboxOptions

PAGE = {"Origin": "https://app.example"}
PREFLIGHT = {**PAGE, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,prefer"}


@pytest.fixture
def sandbox_options() -> SandboxOptions:
    return SandboxOptions(control=True, seed=False)


async def test_a_preflight_of_graph_needs_no_token(http: httpx.AsyncClient) -> None:
    """https://learn.microsoft.com/graph/sdks/choose-authentication-providers: single-page apps call Graph by CORS."""
    answer = await http.options("/v1.0/me/messages/x", headers=PREFLIGHT)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "authorization" in answer.headers["access-control-allow-headers"]


async def test_a_page_may_read_answers_of_graph_and_refusals_too(http: httpx.AsyncClient) -> None:
    refused = await http.get("/v1.0/me", headers=PAGE)
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in refused.headers["access-control-expose-headers"]


async def test_no_page_reads_the_control_api(http: httpx.AsyncClient) -> None:
    assert "access-control-allow-origin" not in (await http.get("/_sandbox/users", headers=PAGE)).headers
    assert "access-control-allow-origin" not in (await http.options("/_sandbox/token", headers=PREFLIGHT)).headers
