"""An MCP client over HTTP that registers itself and signs its user in without anybody at a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from outlook_mcp.cli.unattended_browser import UnattendedBrowser

DEADLINE_S = 60.0
# Nothing listens there: the unattended browser stops before it would open this address.
REDIRECT_URI = "http://127.0.0.1:6276/oauth/callback"


class MemoryTokenStorage:
    """A `TokenStorage` of the SDK that lasts as long as one client."""

    def __init__(self) -> None:
        self._tokens: OAuthToken | None = None
        self._client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self._tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._client = client_info


def unattended_sign_in(url: str, address: str, browser: UnattendedBrowser) -> OAuthClientProvider:
    """The SDK's OAuth client for the server at `url`; `browser` allows everything as the user `address`."""
    returned: dict[str, str] = {}

    async def open_browser(authorize_url: str) -> None:
        returned.clear()
        hint = urlencode({"login_hint": address})
        returned.update(await browser.follow_until(f"{authorize_url}&{hint}", REDIRECT_URI))

    async def callback_result() -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=returned["code"], state=returned.get("state"), iss=returned.get("iss"))

    metadata = OAuthClientMetadata(
        client_name="Demo client",
        redirect_uris=[AnyUrl(REDIRECT_URI)],
        token_endpoint_auth_method="none",  # noqa: S106
    )
    return OAuthClientProvider(url, metadata, MemoryTokenStorage(), open_browser, callback_result)


@asynccontextmanager
async def http_client(url: str, address: str, *, mode: str = "auto") -> AsyncIterator[Client]:
    """Connected as `address`; `mode` is the protocol era, as the SDK's Client takes it."""
    async with UnattendedBrowser() as browser:
        sign_in = unattended_sign_in(url, address, browser)
        async with (
            httpx2.AsyncClient(auth=sign_in, timeout=DEADLINE_S, trust_env=False) as http,
            Client(streamable_http_client(url, http_client=http), mode=mode) as client,
        ):
            yield client
