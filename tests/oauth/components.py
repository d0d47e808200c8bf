"""Everything of the sign-in put together as a server does, and a browser to sign in with."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

import httpx
from pydantic import SecretStr

from outlook_mcp.audit.log import AuditLog
from outlook_mcp.identity.admission import Admission
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.connection import Connection
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.entra.client_credential import ClientCredential
from outlook_mcp.oauth.entra.device_code import DeviceCode
from outlook_mcp.oauth.entra.microsoft_provider import MicrosoftOAuthProvider
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.security_service import OAuthSecurityService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager, SignInRequest
from outlook_mcp.oauth.sign_in.pending import PendingSignInStore
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.oauth.tokens.refresher import TokenRefresher
from outlook_mcp.oauth.tokens.token_service import OAuthTokenService
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.vault.vault import CredentialVault

SCOPES = ("Mail.Read", "User.Read")
ALICE = "alice@contoso.example"
BOB = "bob@contoso.example"
CALLBACK = "http://localhost:1/callback"
# Short, so that the lease of a killed process does not last.
LEASE_S = 0.6
TOKEN_PATH = "/common/oauth2/v2.0/token"


class TestClock:
    """The machine's clock, and more when told."""

    __test__ = False

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class ImpatientProvider(MicrosoftOAuthProvider):
    """Asks for the device's token without a pause."""

    async def start_device(self, scopes: tuple[str, ...] | None = None) -> DeviceCode:
        return replace(await super().start_device(scopes), interval_s=0)


@dataclass(frozen=True)
class Components:
    """One process: its services over a vault that others may share."""

    provider: MicrosoftOAuthProvider
    audit: AuditLog
    connections: OAuthIntegrationService
    refresher: TokenRefresher
    tokens: OAuthTokenService
    manager: OAuthManager
    clock: TestClock

    @classmethod
    @asynccontextmanager
    async def built(
        cls,
        settings: OAuthSettings,
        vault: CredentialVault,
        audit: AuditLog,
        *,
        lease_s: float = 6.0,
        admission: Admission | None = None,
        pending: PendingSignInStore | None = None,
        credential: ClientCredential | None = None,
    ) -> AsyncIterator[Self]:
        provider, security, clock = ImpatientProvider(settings, credential), OAuthSecurityService(), TestClock()
        connections = OAuthIntegrationService(vault, audit)
        timing = OAuthTiming(lease_s=lease_s)
        refresher = TokenRefresher(provider, vault, timing=timing)
        tokens = OAuthTokenService(refresher, connections, audit, timing=timing, clock=clock)
        manager = OAuthManager(provider, connections, security, audit, pending=pending, admission=admission)
        try:
            yield cls(provider, audit, connections, refresher, tokens, manager, clock)
        finally:
            await manager.aclose()
            await tokens.aclose()
            await provider.aclose()

    async def signed_in(self, upn: str, request: SignInRequest = SignInRequest()) -> Connection:
        """The mailbox of this person, after a whole sign-in."""
        begun = await self.manager.begin_sign_in(CALLBACK, replace(request, login_hint=upn))
        return await self.manager.complete_sign_in(await returned(begun.url))


@cache
def trust_of(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


async def returned(url: str, ca_file: Path | None = None) -> dict[str, str]:
    """The parameters with which the browser comes back from this address."""
    async with httpx.AsyncClient(verify=trust_of(ca_file), trust_env=False) as browser:
        answer = await browser.get(url)
        assert answer.status_code == 302, answer.text
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        return {name: values[0] for name, values in query.items()}


async def opened(url: str) -> httpx.Response:
    """The page the browser ends on."""
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        return await browser.get(url)


def person_of(token: SecretStr) -> UserKey:
    """Whose access token it is."""
    payload = token.get_secret_value().split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return UserKey(claims["tid"], claims["oid"])


def token_calls(sandbox: Sandbox) -> int:
    """How often the token endpoint was asked."""
    return sum(record.path == TOKEN_PATH for record in sandbox.log.records)
