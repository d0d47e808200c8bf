"""Builds the components that stdio, HTTP and the commands share, from the vault up to the mailboxes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from outlook_mcp.app.audit_log import open_audit_log
from outlook_mcp.app.credentials import client_credential, key_source
from outlook_mcp.app.send_queue import StoredSendQueue
from outlook_mcp.audit.denials import Denials
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.config import Configuration
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.graph.tokens import TokenSource
from outlook_mcp.identity.admission import Admission
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.net.clock import UnixClock, unix_time
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.connections.mailbox_choice import MailboxChoice, Mailboxes
from outlook_mcp.oauth.entra.microsoft_provider import MicrosoftOAuthProvider
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.security_service import OAuthSecurityService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager
from outlook_mcp.oauth.sign_in.vault_pending import VaultPendingSignIns
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.oauth.tokens.on_behalf_of import OnBehalfOf
from outlook_mcp.oauth.tokens.refresher import TokenRefresher
from outlook_mcp.oauth.tokens.token_service import OAuthTokenService
from outlook_mcp.vault.blocked_users import BlockedUsers
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.email_configs import VaultEmailConfigs
from outlook_mcp.vault.held_sends import VaultHeldSends
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.store_address import open_store
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.user_tickets import UserTickets
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.workspace.lazy import graph_areas
from outlook_mcp.workspace.manager import EmailWorkspaceManager
from outlook_mcp.workspace.shared import SharedByServers

# Makes mailboxes and Graph tokens of callers whose own access token is exchanged (On-Behalf-Of).
TokenExchange = Callable[[Mailboxes, OAuthTokenService, OnBehalfOf], tuple[Mailboxes, TokenSource]]


@dataclass(frozen=True, slots=True)
class Components:
    """The shared objects of one process; none belongs to a user. Tickets and our own tokens expire by `clock`."""

    configuration: Configuration
    vault: CredentialVault
    audit: AuditLog
    denials: Denials
    digests: Digests
    tickets: Tickets
    clock: UnixClock
    admission: Admission
    blocked: BlockedUsers
    security: OAuthSecurityService
    connections: OAuthIntegrationService
    mailboxes: Mailboxes
    manager: OAuthManager
    tokens: OAuthTokenService
    workspaces: EmailWorkspaceManager
    send_queue: StoredSendQueue | None


@asynccontextmanager
async def open_vault(configuration: Configuration) -> AsyncIterator[tuple[CredentialVault, AuditLog]]:
    """The vault, with its key checked, and the audit log, which is sealed with a key of the vault.

    Raises KeyMismatch, StoreUnavailable or ConfigurationError before anything is written.
    """
    store = open_store(configuration.store.get_secret_value(), configuration.data_dir)
    vault = CredentialVault(store, KeyRing(key_source(configuration)))
    try:
        is_new = await vault.open_or_create()
        async with open_audit_log(configuration, vault) as audit:
            if is_new:
                await audit.record(AuditTag.VAULT_CREATED)
            yield vault, audit
    finally:
        await vault.close()


@asynccontextmanager
async def open_components(
    configuration: Configuration,
    *,
    callback: str | None = None,
    exchange: TokenExchange | None = None,
    timing: OAuthTiming = OAuthTiming(),
    mail: MailSettings = MailSettings(),
    clock: UnixClock = unix_time,
) -> AsyncIterator[Components]:
    """Everything from the vault up to the mailboxes; closes what it opened.

    `callback` is the redirect URI of `serve --http`; `exchange` makes Graph tokens of callers' access tokens.
    """
    async with open_vault(configuration) as (vault, audit), AsyncExitStack() as stack:
        tickets = Tickets(vault, digests := Digests(await vault.derive_key("digests")), clock)
        security, admission, mail = _security(callback), _admission(configuration), _limits(configuration, mail)
        connections, pending = OAuthIntegrationService(vault, audit), _pending_sign_ins(callback, tickets)
        provider, blocked = _provider(configuration, stack, is_server=callback is not None), BlockedUsers(vault)
        tokens = _tokens(provider, vault, connections, audit, timing, stack)
        on_behalf_of = _on_behalf_of(provider, connections, audit, admission, timing, stack)
        mailboxes, source = (exchange or _no_exchange)(MailboxChoice(connections, timing=timing), tokens, on_behalf_of)
        clients, queue = _clients(configuration, source, stack), _send_queue(vault, callback, exchange, clock)
        yield Components(
            configuration=configuration,
            vault=vault,
            audit=audit,
            denials=Denials(audit.record),
            digests=digests,
            tickets=tickets,
            clock=clock,
            admission=admission,
            blocked=blocked,
            security=security,
            connections=connections,
            mailboxes=mailboxes,
            manager=_manager(provider, connections, security, audit, admission, blocked, pending, stack),
            tokens=tokens,
            workspaces=await _workspaces(clients, vault, connections, tickets, mail, queue, clock, stack),
            send_queue=queue,
        )


def _manager(
    provider: MicrosoftOAuthProvider,
    connections: OAuthIntegrationService,
    security: OAuthSecurityService,
    audit: AuditLog,
    admission: Admission,
    blocked: BlockedUsers,
    pending: VaultPendingSignIns | None,
    stack: AsyncExitStack,
) -> OAuthManager:
    manager = OAuthManager(
        provider, connections, security, audit, pending=pending, admission=admission, blocked=blocked
    )
    stack.push_async_callback(manager.aclose)
    return manager


def _security(callback: str | None) -> OAuthSecurityService:
    return OAuthSecurityService(redirect_uris=(callback,) if callback else ())


def entra_provider(configuration: Configuration, *, is_server: bool = False) -> MicrosoftOAuthProvider:
    """What speaks to Entra ID for the configured app; whoever calls this closes it."""
    return MicrosoftOAuthProvider(_oauth_settings(configuration, is_server=is_server), client_credential(configuration))


def _provider(configuration: Configuration, stack: AsyncExitStack, *, is_server: bool) -> MicrosoftOAuthProvider:
    """Opened first and so closed last: a token refresh in progress still needs it."""
    provider = entra_provider(configuration, is_server=is_server)
    stack.push_async_callback(provider.aclose)
    return provider


def _tokens(
    provider: MicrosoftOAuthProvider,
    vault: CredentialVault,
    connections: OAuthIntegrationService,
    audit: AuditLog,
    timing: OAuthTiming,
    stack: AsyncExitStack,
) -> OAuthTokenService:
    tokens = OAuthTokenService(TokenRefresher(provider, vault, timing=timing), connections, audit, timing=timing)
    stack.push_async_callback(tokens.aclose)
    return tokens


def _on_behalf_of(
    provider: MicrosoftOAuthProvider,
    connections: OAuthIntegrationService,
    audit: AuditLog,
    admission: Admission,
    timing: OAuthTiming,
    stack: AsyncExitStack,
) -> OnBehalfOf:
    on_behalf_of = OnBehalfOf(provider, connections, audit, admission=admission, timing=timing)
    stack.push_async_callback(on_behalf_of.aclose)
    return on_behalf_of


def _pending_sign_ins(callback: str | None, tickets: Tickets) -> VaultPendingSignIns | None:
    """Over HTTP they are kept in the vault: a callback may reach another server than the one that began the sign-in."""
    return VaultPendingSignIns(tickets) if callback else None


def _no_exchange(mailboxes: Mailboxes, tokens: OAuthTokenService, _: OnBehalfOf) -> tuple[Mailboxes, TokenSource]:
    """Graph tokens only of mailboxes that their user connected."""
    return mailboxes, tokens


def _clients(configuration: Configuration, source: TokenSource, stack: AsyncExitStack) -> EmailClientFactory:
    clients = EmailClientFactory(_graph_settings(configuration), source, graph_areas)
    stack.push_async_callback(clients.aclose)
    return clients


async def _workspaces(
    clients: EmailClientFactory,
    vault: CredentialVault,
    connections: OAuthIntegrationService,
    tickets: Tickets,
    mail: MailSettings,
    queue: StoredSendQueue | None,
    clock: UnixClock,
    stack: AsyncExitStack,
) -> EmailWorkspaceManager:
    shared = SharedByServers(
        cursor_key=await vault.derive_key("cursors"),
        check_key=await vault.derive_key("send checks"),
        marks=tickets,
        kept=tickets,
        counter=vault,
        queue=queue,
        selections=UserTickets(vault, clock),
        clock=clock,
    )
    workspaces = EmailWorkspaceManager(clients, VaultEmailConfigs(vault), shared=shared, mail_settings=mail)
    connections.add_listener(workspaces.forget)
    stack.push_async_callback(workspaces.aclose)
    return workspaces


def _send_queue(
    vault: CredentialVault, callback: str | None, exchange: TokenExchange | None, clock: UnixClock
) -> StoredSendQueue | None:
    """Only of a server that goes on when a client leaves, and that has tokens without the client's own."""
    return StoredSendQueue(VaultHeldSends(vault), clock=clock) if callback and exchange is None else None


def _limits(configuration: Configuration, mail: MailSettings) -> MailSettings:
    return replace(
        mail, sends_per_hour=configuration.sends_per_hour, recipients_per_hour=configuration.recipients_per_hour
    )


def _admission(configuration: Configuration) -> Admission:
    return Admission(
        allowed_tenants=configuration.allowed_tenants,
        allowed_domains=configuration.allowed_domains,
        allowed_users=configuration.allowed_users,
        denied_tenants=configuration.denied_tenants,
        denied_domains=configuration.denied_domains,
        denied_users=configuration.denied_users,
    )


def _oauth_settings(configuration: Configuration, *, is_server: bool) -> OAuthSettings:
    return OAuthSettings(
        client_id=configuration.require_client_id(),
        tenant=configuration.tenant,
        authority=configuration.entra_authority,
        scopes=configuration.asked_permissions(),
        ca_file=configuration.ca_file,
        proxies=configuration.proxies,
        login_hint=configuration.login_hint,
        is_server=is_server,
        shared_mailboxes=configuration.shared_mailboxes,
        directory=configuration.directory,
    )


def _graph_settings(configuration: Configuration) -> GraphSettings:
    return GraphSettings(
        base_url=configuration.graph_base_url, ca_file=configuration.ca_file, proxies=configuration.proxies
    )
