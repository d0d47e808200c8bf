"""One server of several that share a vault, and a client that speaks to it."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
from mcp.server.auth.provider import TokenError
from mcp.shared.auth import JWT_BEARER_GRANT_TYPE, OAuthClientInformationFull
from pydantic import SecretStr
from starlette.applications import Starlette

from outlook_mcp.audit.denials import Denials
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.errors import AuditUnavailable, SignInRefused
from outlook_mcp.identity.scopes import DEFAULT_SCOPES
from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.sessions import VaultSessions
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization.clients import OAuthClients
from outlook_mcp.web.authorization.configured_clients import ConfiguredClient
from outlook_mcp.web.authorization.grant_records import GrantRecords
from outlook_mcp.web.authorization.grant_tokens import GrantTokens
from outlook_mcp.web.authorization.provider import AuthorizationProvider, IdentityAssertions
from outlook_mcp.web.authorization.routes import authorization_routes
from outlook_mcp.web.ended_browser_sessions import EndedBrowserSessions
from outlook_mcp.web.http.rate_limits import RateLimits
from outlook_mcp.web.settings import WebSettings
from outlook_mcp.web.verified_tokens import VerifiedTokens
from tests.vaults import vault_in

URL = "https://mail.contoso.example"
ALICE = UserKey("contoso", "alice")
BOB = UserKey("contoso", "bob")
BROWSER = "digest of the cookie of a browser"
REDIRECT = "https://client.example/callback"
VERIFIER = "v" * 20 + "erifier-of-forty-three-characters.or~more_" + "1"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
PUBLIC = ConfiguredClient("public-client", "A Public Client", (REDIRECT,))
OTHER = ConfiguredClient("other-client", "Another Client", ("https://other.example/callback",))
BY_POST = ConfiguredClient("post-client", "A Client By Post", (REDIRECT,), SecretStr("a+secret"))
BY_HEADER = ConfiguredClient(
    "basic:client", "A Client By Header", (REDIRECT,), SecretStr("a:b%c"), "client_secret_basic"
)

AGENT = ConfiguredClient(
    "agent", "An Agent", (REDIRECT,), SecretStr("the agent's secret"), grant_types=(JWT_BEARER_GRANT_TYPE,)
)


@dataclass
class Clock:
    """The machine's time, and more when told."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@dataclass
class Admittance:
    """Refuses the users that are listed in it."""

    refused: set[UserKey] = field(default_factory=set)

    def __call__(self, user: UserKey, account: str) -> None:
        if user in self.refused:
            raise SignInRefused(f"{account} may not use this server.")


@dataclass
class Events:
    """What was recorded for the audit."""

    tags: list[AuditTag] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    full: bool = False

    async def __call__(
        self, tag: AuditTag, user: UserKey | None = None, details: object = None, **more: object
    ) -> None:
        if self.full:
            raise AuditUnavailable("The disk is full.")
        self.tags.append(tag)
        self.texts.append(f"{tag} {user} {details} {more}")


class Enterprise:
    """Accepts one fixed text as an assertion about Alice."""

    async def accept(
        self, client: OAuthClientInformationFull, assertion: str, resource: str | None
    ) -> tuple[UserKey, str, tuple[str, ...]]:
        if assertion != "alice":
            raise TokenError("invalid_grant", "The assertion is not good.")
        return ALICE, "alice@contoso.example", ("mail.read", "mail.write")


@dataclass(frozen=True)
class Replica:
    """`http` is a program that comes from the network address 192.0.2.7."""

    settings: WebSettings
    vault: CredentialVault
    sessions: SessionService
    tokens: GrantTokens
    provider: AuthorizationProvider
    app: Starlette
    http: httpx.AsyncClient
    clock: Clock
    admittance: Admittance
    events: Events
    denials: Events
    patience: Clock
    ended_browsers: EndedBrowserSessions

    async def authorize(self, **changes: str | None) -> httpx.Response:
        return await self.http.get("/authorize", params=authorization(**changes))

    async def asked(self, **changes: str | None) -> SecretStr:
        """The handle of a new request."""
        location = (await self.authorize(**changes)).headers["location"]
        return SecretStr(query_of(location)["request"])

    async def approved(self, user: UserKey = ALICE, **changes: str | None) -> str:
        """A new code, as the client gets it."""
        handle = await self.asked(**changes)
        assert await self.provider.bind(handle, BROWSER)
        account = f"{user.oid}@contoso.example"
        url = await self.provider.approve(handle, browser=BROWSER, user=user, account=account, address="198.51.100.1")
        return query_of(url)["code"]

    async def redeem(self, code: str, **changes: str | None) -> httpx.Response:
        return await self.post("/token", {**redemption(code), **changes})

    async def refresh(self, token: str, **changes: str | None) -> httpx.Response:
        fields = {"grant_type": "refresh_token", "client_id": PUBLIC.client_id, "refresh_token": token}
        return await self.post("/token", {**fields, **changes})

    async def revoke(self, token: str, **changes: str | None) -> httpx.Response:
        return await self.post("/revoke", {"client_id": PUBLIC.client_id, "token": token, **changes})

    async def granted(self, user: UserKey = ALICE, **changes: str | None) -> dict[str, str]:
        """The answer of the token endpoint to a user's new grant."""
        answer = await self.redeem(await self.approved(user, **changes))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, str] = answer.json()
        return tokens

    async def lose_store(self, folder: Path) -> None:
        """Removes the file of the store, in a way that it cannot be created again."""
        await self.vault.close()
        replace_by_folder(folder / "vault.db")

    async def post(self, path: str, fields: Mapping[str, str | None], **headers: str) -> httpx.Response:
        sent = {name.encode(): value.encode() for name, value in headers.items()}
        return await self.http.post(path, data=present(fields), headers=sent)


def replace_by_folder(file: Path) -> None:
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()
    file.mkdir()


def authorization(**changes: str | None) -> dict[str, str]:
    """The parameters of a good request, changed; None leaves one out."""
    fields = {
        "response_type": "code",
        "client_id": PUBLIC.client_id,
        "redirect_uri": REDIRECT,
        "scope": "mail.read mail.write",
        "state": "a state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return present({**fields, **changes})


def redemption(code: str) -> dict[str, str]:
    """The parameters with which the client of `authorization` redeems its code."""
    return {
        "grant_type": "authorization_code",
        "client_id": PUBLIC.client_id,
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }


def present(fields: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value is not None}


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


@asynccontextmanager
async def replica(
    folder: Path,
    *,
    url: str = URL,
    dynamic_registration: bool = True,
    limits: RateLimits = RateLimits(),
    identity_assertions: IdentityAssertions | None = None,
    scopes: tuple[str, ...] = DEFAULT_SCOPES,
    session_lifetime: timedelta | None = None,
) -> AsyncIterator[Replica]:
    settings = WebSettings(public_url=url, dynamic_registration=dynamic_registration, scopes=scopes)
    vault = vault_in(folder)
    clock, patience, admittance, events, denials = Clock(), Clock(), Admittance(), Events(), Events()
    digests = Digests(await vault.derive_key("digests"))
    records, ended = GrantRecords(vault, digests, clock), EndedBrowserSessions(Tickets(vault, digests))
    sessions = SessionService(
        VaultSessions(vault), lambda: datetime.fromtimestamp(clock(), UTC), longest=session_lifetime
    )
    tokens = GrantTokens(
        settings, records, sessions, admit=admittance, record=events, verified=VerifiedTokens(patience)
    )
    clients = OAuthClients(
        vault, configured=(PUBLIC, OTHER, BY_POST, BY_HEADER, AGENT), dynamic_registration=dynamic_registration
    )
    refusals = Denials(denials)
    kept = (settings, clients, sessions, records, tokens, ended)
    provider = AuthorizationProvider(*kept, record=events, denials=refusals, identity_assertions=identity_assertions)
    app = Starlette(routes=authorization_routes(settings, provider, vault, refusals, limits=limits))
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 1234))
    async with httpx.AsyncClient(transport=transport, base_url=url, timeout=30) as http:
        yield Replica(
            settings, vault, sessions, tokens, provider, app, http, clock, admittance, events, denials, patience, ended
        )
    await vault.close()
