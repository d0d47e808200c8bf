"""The whole site before a sandbox, and a second address for a runner that cannot send an access token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from outlook_mcp.cli.unattended_browser import UnattendedBrowser
from outlook_mcp.sandbox import SandboxOptions, run_sandbox
from outlook_mcp.web.http.drain import Drain
from outlook_mcp.web.http.serving import Listener, http_server, listening_socket
from tests.web.site.grant import registered
from tests.web.site.served import ALICE, Served, served

SCOPES = "mail.read mail.write mail.send settings"


class SignedIn:
    """Puts a token on every request, and the site's own name in place of this address; other names stay."""

    def __init__(self, site: ASGIApp, token: str, *, address: str, host: str) -> None:
        self._site = site
        self._token = (b"authorization", f"Bearer {token}".encode())
        self._names = {address.encode(): host.encode(), f"http://{address}".encode(): f"http://{host}".encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [
            (name, self._names.get(value, value) if name in (b"host", b"origin") else value)
            for name, value in scope["headers"]
        ]
        await self._site({**scope, "headers": [*headers, self._token]}, receive, send)


@dataclass(frozen=True, slots=True)
class Conforming:
    """`mcp_url` needs no token; the authorization server answers under its own issuer."""

    site: Served
    mcp_url: str

    @property
    def issuer(self) -> str:
        return self.site.public_url

    async def client_of(self, redirect_uri: str) -> str:
        """The id of a client that registered itself."""
        return await registered(self.site.http, client_name="Conformance", redirect_uris=[redirect_uri])

    async def browse(self, address: str, redirect_uri: str) -> None:
        """A user signs in, agrees, and is sent on to the client."""
        async with UnattendedBrowser() as browser:
            returned = await browser.follow_until(f"{address}&{urlencode({'login_hint': ALICE})}", redirect_uri)
        async with httpx.AsyncClient(trust_env=False) as http:
            (await http.get(redirect_uri, params=returned)).raise_for_status()


@asynccontextmanager
async def conforming_site(folder: Path) -> AsyncIterator[Conforming]:
    """With protocol sessions for 2025-11-25, as one server alone has."""
    async with run_sandbox(SandboxOptions()) as sandbox, served(sandbox, folder, stateless=False) as site:
        grant = await site.grant(scope=SCOPES)
        listening = listening_socket("127.0.0.1", 0)
        address = f"localhost:{listening.getsockname()[1]}"
        host = site.public_url.removeprefix("http://")
        server = http_server(
            SignedIn(site.site.app, grant.access_token, address=address, host=host), Listener(), Drain()
        )
        serving = asyncio.create_task(server.serve_embedded(listening))
        try:
            yield Conforming(site, f"http://{address}/mcp")
        finally:
            server.should_exit = True
            await serving
