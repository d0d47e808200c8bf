"""A client that sends single requests with its access token, and so sees each answer as it came."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from outlook_mcp.cli.unattended_browser import UnattendedBrowser
from tests.replicas.deployment import Deployment
from tests.web.site.grant import granted

MODERN, LEGACY = "2026-07-28", "2025-11-25"
ERAS = (MODERN, LEGACY)
DEADLINE_S = 60.0
_EITHER = "application/json, text/event-stream"


@dataclass(frozen=True)
class Bearer:
    http: httpx.AsyncClient
    token: str = field(repr=False)
    numbers: Iterator[int] = field(default_factory=count, repr=False)

    async def send(self, method: str, era: str, *, session: str | None = None, **params: Any) -> httpx.Response:
        """One JSON-RPC request."""
        body = {"jsonrpc": "2.0", "id": next(self.numbers), "method": method, "params": params}
        headers = self.headers(era, session)
        if era == MODERN:
            headers["Mcp-Method"] = method
            headers |= {"Mcp-Name": params["name"]} if "name" in params else {}
            params["_meta"] = {
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"url": {}}},
            }
        return await self.http.post("/mcp", json=body, headers=headers)

    async def call(self, tool: str, era: str = MODERN, session: str | None = None, **arguments: Any) -> httpx.Response:
        return await self.send("tools/call", era, session=session, name=tool, arguments=arguments)

    def headers(self, era: str, session: str | None = None) -> dict[str, str]:
        given = {"Authorization": f"Bearer {self.token}", "Accept": _EITHER, "MCP-Protocol-Version": era}
        return given if session is None else given | {"Mcp-Session-Id": session}


@asynccontextmanager
async def bearer(deployment: Deployment, address: str, scope: str = "mail.read") -> AsyncIterator[Bearer]:
    """Signed in through the whole browser flow, with these scopes."""
    url = deployment.proxy.url
    async with httpx.AsyncClient(base_url=url, timeout=DEADLINE_S, trust_env=False) as http:
        async with UnattendedBrowser() as browser:
            grant = await granted(http, url, browser, address, scope)
        yield Bearer(http, grant.access_token)
