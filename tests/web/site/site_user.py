"""A person with an account at Microsoft, the browser they use, and the clients they allow."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.session import ElicitationFnT
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata
from pydantic import AnyUrl

from outlook_mcp.cli.http_client import MemoryTokenStorage
from outlook_mcp.identity.user import UserKey
from outlook_mcp.sandbox import User
from tests.people import user_of
from tests.web.pages.person import PageUser, Shown
from tests.web.site.conversation import MODERN, Conversation
from tests.web.site.grant import REDIRECT_URI, Grant, asks, granted
from tests.web.site.served import Served

DEADLINE_S = 60.0
_LINK = re.compile(r"http://127\.0\.0\.1:\d+/connect\?ticket=[\w-]+")


class SiteUser(PageUser):
    """`address` is whom Microsoft takes them for when a client names nobody."""

    def __init__(self, site: Served, address: str) -> None:
        super().__init__(site.public_url, site.sandbox.http_url, httpx.AsyncClient(timeout=30, trust_env=False))
        self.site = site
        self.address = address
        self.authorized: list[str] = []

    @property
    def user(self) -> User:
        return user_of(self.site.sandbox, self.address)

    @property
    def key(self) -> UserKey:
        return UserKey(self.user.tid, self.user.oid)

    async def follow_until(self, url: str, redirect_uri: str) -> dict[str, str]:
        """Opens a client's request, allows it, and signs in; the parameters that the client gets at `redirect_uri`."""
        self.authorized.append(url)
        page = await self.open(url)
        while page.status == 200 and any("Allow" in form.buttons for form in page.forms):
            page = await self.press(page, "Allow")
        assert page.url.partition("?")[0] == redirect_uri, (page.url, page.words)
        return page.query

    def asked(self, client_id: str, **changes: str | None) -> str:
        """A client's request that names them."""
        return asks(self.public_url, client_id, **{"login_hint": self.address, **changes})

    async def code(self, client_id: str) -> str:
        """What `grant.redeemed` takes."""
        return (await self.follow_until(self.asked(client_id), REDIRECT_URI))["code"]

    async def holdings(self) -> tuple[object, ...]:
        """What the site keeps for them: sessions with what they may do, and mailboxes."""
        sessions = await self.site.site.sessions.sessions_of(self.key)
        connections = await self.site.site.components.connections.connections_of(self.key)
        return {session.id: session.scopes for session in sessions}, [connection.id for connection in connections]

    def is_at(self, page: Shown) -> bool:
        """Whether the browser is still with us."""
        return page.url.startswith(self.public_url)

    async def grant(self, scope: str = "mail.read", **request: Any) -> Grant:
        """Tokens of a client that registered itself, unless `request` names one."""
        return await granted(self.site.http, self.site.public_url, self, self.address, scope, **request)

    async def converse(self, version: str = MODERN, scope: str = "mail.read", **said: Any) -> Conversation:
        """A client of theirs, by hand."""
        return Conversation(self.site.http, (await self.grant(scope)).access_token, version, **said)

    async def sign_in_at(self, page: Shown) -> Shown:
        """Signs in to a page of ours, with their account at Microsoft."""
        return await self.choose(await self.press(page, "Sign in"), self.address)

    async def follow(self, link: str, button: str = "Go on to Microsoft") -> Shown:
        """Opens a link out of a tool call, as they are signed in by now or sign in first, and agrees."""
        page = await self.open(link)
        if any("Sign in" in form.buttons for form in page.forms):
            page = await self.sign_in_at(page)
        return await self.press(page, button)

    @asynccontextmanager
    async def client(
        self, mode: str = "auto", elicitation: ElicitationFnT | None = None, **options: Any
    ) -> AsyncIterator[Client]:
        """The SDK's client, allowed by this person in this browser."""
        async with (
            httpx2.AsyncClient(auth=self._sign_in(), timeout=DEADLINE_S, trust_env=False) as http,
            Client(
                streamable_http_client(self.site.mcp_url, http_client=http),
                mode=mode,
                elicitation_callback=elicitation,
                **options,
            ) as client,
        ):
            yield client

    def _sign_in(self) -> OAuthClientProvider:
        returned: dict[str, str] = {}

        async def open_browser(url: str) -> None:
            returned.clear()
            returned.update(await self.follow_until(f"{url}&{urlencode({'login_hint': self.address})}", REDIRECT_URI))

        async def came_back() -> AuthorizationCodeResult:
            return AuthorizationCodeResult(code=returned["code"], state=returned.get("state"), iss=returned.get("iss"))

        metadata = OAuthClientMetadata(
            client_name="SDK",
            redirect_uris=[AnyUrl(REDIRECT_URI)],
            token_endpoint_auth_method="none",
        )
        return OAuthClientProvider(self.site.mcp_url, metadata, MemoryTokenStorage(), open_browser, came_back)


def link_in(answer: str) -> str:
    """The link that a tool call hands to its user."""
    found = _LINK.search(answer)
    assert found, answer
    return found[0]
