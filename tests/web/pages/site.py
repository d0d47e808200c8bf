"""The pages of a server put together as it does, with the real Entra of a sandbox behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace

from mcp.server.auth.provider import AuthorizationParams
from pydantic import AnyUrl, SecretStr
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse

from outlook_mcp.audit.denials import Denials
from outlook_mcp.audit.log import AuditLog, Record
from outlook_mcp.identity.admission import Admission, Admit
from outlook_mcp.identity.context import UserContext
from outlook_mcp.identity.scopes import graph_permissions
from outlook_mcp.identity.session import SessionService
from outlook_mcp.identity.user import UserKey
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.entra.microsoft_provider import MicrosoftOAuthProvider
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.security_service import OAuthSecurityService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager
from outlook_mcp.oauth.sign_in.vault_pending import VaultPendingSignIns
from outlook_mcp.sandbox import Sandbox
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.held_sends import VaultHeldSends
from outlook_mcp.vault.sessions import VaultSessions
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.web.authorization.client import ClientKind, OAuthClient
from outlook_mcp.web.authorization.clients import OAuthClients
from outlook_mcp.web.authorization.grant_records import GrantRecords
from outlook_mcp.web.authorization.grant_tokens import GrantTokens
from outlook_mcp.web.authorization.provider import AuthorizationProvider
from outlook_mcp.web.ended_browser_sessions import EndedBrowserSessions
from outlook_mcp.web.http.rate_limits import RateLimits
from outlook_mcp.web.http.site import build_site
from outlook_mcp.web.pages.links import ConnectLinks
from outlook_mcp.web.pages.pages import page_routes
from outlook_mcp.web.pages.sign_in import EntraIdentityProvider
from outlook_mcp.web.settings import WebSettings
from tests.people import key_of

ALICE = "alice@contoso.example"
BOB = "bob@contoso.example"
DAVE = "dave@fabrikam.example"
CLIENT_REDIRECT = "https://agent.example/back?kept=1"


@dataclass(frozen=True)
class Site:
    """One server; others may share its vault."""

    settings: WebSettings
    application: Starlette
    sandbox: Sandbox
    manager: OAuthManager
    connections: OAuthIntegrationService
    sessions: SessionService
    tickets: Tickets
    provider: AuthorizationProvider
    links: ConnectLinks

    async def asks(
        self,
        name: str = "Test agent",
        *,
        redirect: str = CLIENT_REDIRECT,
        kind: ClientKind = "registered",
        client_id: str = "client-1",
        scopes: tuple[str, ...] = ("mail.read",),
    ) -> str:
        """A client asks for access; the address of the consent page."""
        client = _client(name, redirect, kind, client_id)
        parameters = AuthorizationParams(
            state="of the client",
            scopes=list(scopes),
            code_challenge="c" * 43,
            redirect_uri=AnyUrl(redirect),
            redirect_uri_provided_explicitly=True,
            resource=self.settings.resource,
        )
        return await self.provider.authorize(client, parameters)

    async def redeems(self, code: str, name: str = "Test agent") -> str:
        """The access token for which the client gave its code."""
        client = _client(name, CLIENT_REDIRECT, "registered", "client-1")
        kept = await self.provider.load_authorization_code(client, code)
        assert kept is not None
        return (await self.provider.exchange_authorization_code(client, kept)).access_token

    def key(self, upn: str) -> UserKey:
        return key_of(self.sandbox, upn)

    async def granted(self, upn: str, name: str = "Test agent", *scopes: str, redirect: str = "") -> UserContext:
        """A caller with a session, as after the whole grant."""
        user = self.key(upn)
        session = await self.sessions.start_session(
            user,
            client_id="client-1",
            client_name=name,
            scopes=scopes or ("mail.read",),
            account=upn,
            redirect_uri=redirect,
            address="192.0.2.7",
        )
        return UserContext(user, session)


@asynccontextmanager
async def site(
    sandbox: Sandbox,
    vault: CredentialVault,
    audit: AuditLog,
    public_url: str,
    *,
    admission: Admission | None = None,
    deadline_s: float = 15.0,
    limits: RateLimits = RateLimits(),
) -> AsyncIterator[Site]:
    """Built on loopback or for another name, and not yet served."""
    settings = WebSettings(public_url=public_url)
    entra = _entra(sandbox, deadline_s)
    security = OAuthSecurityService(redirect_uris=(settings.callback,))
    digests = Digests(await vault.derive_key("digests"))
    tickets, connections = Tickets(vault, digests), OAuthIntegrationService(vault, audit)
    pending, admission = VaultPendingSignIns(tickets), admission or Admission()
    manager = OAuthManager(entra, connections, security, audit, pending=pending, admission=admission)
    sessions, admit = SessionService(VaultSessions(vault)), admission.check_user
    provider = _provider(settings, vault, audit.record, digests, tickets, sessions, admit)
    routes = page_routes(
        settings,
        requests=provider,
        manager=manager,
        identities={"entra": EntraIdentityProvider(manager)},
        connections=connections,
        sessions=sessions,
        audit=audit,
        denials=Denials(audit.record),
        tickets=tickets,
        digests=digests,
        counter=vault,
        held_sends=VaultHeldSends(vault),
        admit=admit,
        limits=limits,
    )
    links = ConnectLinks(settings, tickets, digests, poll_s=0.02)
    application = build_site(settings, PlainTextResponse("MCP is left out here"), routes)
    async with aclosing(entra), aclosing(manager):
        yield Site(settings, application, sandbox, manager, connections, sessions, tickets, provider, links)


def _entra(sandbox: Sandbox, deadline_s: float) -> MicrosoftOAuthProvider:
    oauth = OAuthSettings(client_id=sandbox.public_client_id, authority=sandbox.http_url, scopes=graph_permissions(()))
    return MicrosoftOAuthProvider(replace(oauth, deadline_s=deadline_s))


def _provider(
    settings: WebSettings,
    vault: CredentialVault,
    record: Record,
    digests: Digests,
    tickets: Tickets,
    sessions: SessionService,
    admit: Admit,
) -> AuthorizationProvider:
    records = GrantRecords(vault, digests)
    tokens = GrantTokens(settings, records, sessions, admit=admit, record=record)
    ended = EndedBrowserSessions(tickets)
    clients, denials = OAuthClients(vault), Denials(record)
    return AuthorizationProvider(settings, clients, sessions, records, tokens, ended, record=record, denials=denials)


def _client(name: str, redirect: str, kind: ClientKind, client_id: str) -> OAuthClient:
    return OAuthClient(kind=kind, client_id=client_id, client_name=name, redirect_uris=[AnyUrl(redirect)])


def handle_of(url: str) -> SecretStr:
    """The handle in an address of ours."""
    return SecretStr(url.rpartition("=")[2])
