"""The application of the example answers its own route, and everything of the server."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from outlook_mcp.api.serving import Configuration, open_asgi_app
from tests.examples.loading import load

PUBLIC_URL = "http://localhost:8080"


async def test_the_server_is_behind_the_routes_of_the_application(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {**settings, "public_url": PUBLIC_URL, "client_secret": "secret"}
    for name, value in given.items():
        monkeypatch.setenv(f"OUTLOOK_MCP_{name.upper()}", value)
    app = load("asgi_app.py").app
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL) as http,
    ):
        own, ready = await http.get("/hello"), await http.get("/readyz")
        metadata = await http.get("/.well-known/oauth-protected-resource/mcp")
        refused = await http.post("/mcp", json={})
    assert (own.text, ready.status_code) == ("The route of this application", 200)
    assert metadata.json()["resource"] == f"{PUBLIC_URL}/mcp"
    assert refused.status_code == 401
    assert "resource_metadata=" in refused.headers["www-authenticate"]


async def test_an_application_that_mounts_it_below_a_path_is_told_and_leads_no_client_past_it(
    settings: dict[str, str],
) -> None:
    given = {**settings, "public_url": PUBLIC_URL, "client_secret": "secret"}
    app = Starlette()
    async with (
        open_asgi_app(Configuration.load(given)) as outlook,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL) as http,
    ):
        app.mount("/mail", outlook)
        for path in ("/mcp", "/.well-known/oauth-protected-resource/mcp", "/readyz"):
            refused = await http.get(f"/mail{path}")
            assert refused.status_code == 500
            assert refused.text == (
                f"This application was mounted at /mail, but its addresses begin with {PUBLIC_URL}/."
                " Mount it at the root, behind the routes of your own.\n"
            )
