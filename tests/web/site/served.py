"""The whole site, served on a loopback socket in front of a sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
from mcp import Client

from outlook_mcp.app.http import Site, open_site, site_server
from outlook_mcp.cli.http_client import http_client
from outlook_mcp.cli.unattended_browser import UnattendedBrowser
from outlook_mcp.config import GivenConfiguration
from outlook_mcp.net.clock import unix_time
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.server.settings import CallSettings
from outlook_mcp.web.authorization.client_documents import ClientDocuments
from outlook_mcp.web.http.serving import DrainingServer, listening_socket
from outlook_mcp.web.settings import WebLimits
from tests.web.site.grant import Grant, granted

ALICE = "alice@contoso.example"
BOB = "bob@contoso.example"
MODERN, LEGACY = "2026-07-28", "2025-11-25"


@dataclass
class SettableClock:
    """Unix time, and `ahead_s` seconds more."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        return unix_time() + self.ahead_s

    @contextmanager
    def set_ahead(self, seconds: float) -> Iterator[None]:
        self.ahead_s = seconds
        try:
            yield
        finally:
            self.ahead_s = 0.0


@dataclass(frozen=True)
class Served:
    """`http` speaks to the site without following redirects; the site's tickets and tokens expire by `clock`."""

    public_url: str
    site: Site
    server: DrainingServer
    port: int
    sandbox: Sandbox
    http: httpx.AsyncClient
    clock: SettableClock

    @property
    def mcp_url(self) -> str:
        return f"{self.public_url}/mcp"

    def client(self, address: str = ALICE, mode: str = "auto") -> AbstractAsyncContextManager[Client]:
        """The SDK's client, signed in through the whole browser flow."""
        return http_client(self.mcp_url, address, mode=mode)

    async def grant(self, address: str = ALICE, scope: str = "mail.read", **registration: Any) -> Grant:
        """Tokens of a client that registered itself."""
        async with UnattendedBrowser() as browser:
            return await granted(self.http, self.public_url, browser, address, scope, **registration)

    async def rpc(
        self, token: str, method: str, params: dict[str, Any] | None = None, *, version: str = LEGACY
    ) -> httpx.Response:
        """One JSON-RPC request with this bearer token."""
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": version,
        }
        given = dict(params or {})
        if version == MODERN:
            headers["Mcp-Method"] = method
            if (name := given.get("name", given.get("uri"))) is not None:
                headers["Mcp-Name"] = name
            given["_meta"] = {
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientCapabilities": {},
            }
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": given}
        return await self.http.post("/mcp", json=body, headers=headers)

    async def call(self, token: str, tool: str, version: str = MODERN, **arguments: Any) -> httpx.Response:
        return await self.rpc(token, "tools/call", {"name": tool, "arguments": arguments}, version=version)


def _settings(sandbox: Sandbox, folder: Path, public_url: str, port: int) -> dict[str, Any]:
    return {
        "client_id": sandbox.public_client_id,
        "tenant": "common",
        "authority": sandbox.http_url,
        "graph_url": sandbox.graph_url,
        "data_dir": str(folder),
        "public_url": public_url,
        "port": port,
        "stateless": True,
        "trusted_proxies": () if public_url == f"http://127.0.0.1:{port}" else ("127.0.0.1/32",),
    }


@asynccontextmanager
async def served(
    sandbox: Sandbox,
    folder: Path,
    *,
    limits: WebLimits = WebLimits(),
    documents: ClientDocuments | None = None,
    calls: CallSettings | None = None,
    timing: OAuthTiming = OAuthTiming(),
    **settings: Any,
) -> AsyncIterator[Served]:
    """One server of its own, or with the `public_url` and folder of another a replica of that, as if behind a proxy.

    `settings` are those of the configuration, `calls` of the calls.
    """
    clock = SettableClock()
    listening = listening_socket("127.0.0.1", 0)
    port = listening.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    public_url = settings.get("public_url", address)
    host = urlsplit(public_url).netloc
    given = _settings(sandbox, folder, public_url, port)
    async with (
        open_site(
            GivenConfiguration.model_validate(given | settings),
            limits=limits,
            documents=documents,
            settings=calls,
            timing=timing,
            clock=clock,
        ) as site,
        httpx.AsyncClient(base_url=address, headers={"Host": host}, timeout=30, trust_env=False) as http,
        anyio.create_task_group() as serving,
    ):
        server = site_server(site.components.configuration, site)
        serving.start_soon(server.serve_embedded, listening)
        yield Served(public_url, site, server, port, sandbox, http, clock)
        server.should_exit = True
