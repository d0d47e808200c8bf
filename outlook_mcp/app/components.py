"""The components that every way of serving shares, from the vault up to the mailboxes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from outlook_mcp.app.credentials import client_credential, key_source
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.settings import AuditLogSettings
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.audit.writer import LogWriter
from outlook_mcp.config import Configuration
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.graph.tokens import TokenSource
from outlook_mcp.identity.admission import Admission
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.connections.mailbox_choice import MailboxChoice, Mailboxes
from outlook_mcp.oauth.entra.microsoft_provider import MicrosoftOAuthProvider
from outlook_mcp.oauth.entra.settings import OAuthSettings
from outlook_mcp.oauth.security_service import OAuthSecurityService
from outlook_mcp.oauth.sign_in.oauth_manager import OAuthManager
from outlook_mcp.oauth.sign_in.vault_pending import VaultPendingSignIns
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.oauth.tokens.on_behalf_of import OnBehalfOf, OnBehalfOfTokens
from outlook_mcp.oauth.tokens.refresher import TokenRefresher
from outlook_mcp.oauth.tokens.token_service import OAuthTokenService
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.email_configs import VaultEmailConfigs
from outlook_mcp.vault.key_ring import KeyRing
from outlook_mcp.vault.store_address import open_store
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.vault.vault import CredentialVault
from outlook_mcp.workspace.workspace import AREAS, EmailWorkspaceManager


@dataclass(frozen=True, slots=True)
class Components:
    """What one process opened; nothing in it belongs to a user."""

    configuration: Configuration
    vault: CredentialVault
    audit: AuditLog
    digests: Digests
    tickets: Tickets
    admission: Admission
    security: OAuthSecurityService
    connections: OAuthIntegrationService
    mailboxes: Mailboxes
    manager: OAuthManager
    tokens: OAuthTokenService
    workspaces: EmailWorkspaceManager


@asynccontextmanager
async def open_vault(configuration: Configuration) -> AsyncIterator[tuple[CredentialVault, AuditLog]]:
    """The vault, its key checked, and the audit log that its key seals.

    Raises KeyMismatch, StoreUnavailable or ConfigurationError before anything is written.
    """
    folder = configuration.data_dir
    store = open_store(configuration.store.get_secret_value(), folder)
    vault = CredentialVault(store, KeyRing(key_source(configuration)))
    try:
        is_new = await vault.open()
        settings = AuditLogSettings(configuration.audit_max_mb * 1024 * 1024, configuration.audit_kept_files)
        writer = LogWriter(folder / "audit.log", await vault.derive("audit"), settings)
        audit = AuditLog(writer, vault.personal_fields)
        if is_new:
            await audit.record(AuditTag.VAULT_CREATED)
        yield vault, audit
    finally:
        await vault.close()


@asynccontextmanager
async def open_components(
    configuration: Configuration, *, callback: str | None = None, timing: OAuthTiming = OAuthTiming()
) -> AsyncIterator[Components]:
    """Everything between a caller and Graph; closes what it opened.

    `callback` is where Entra sends browsers back to when a server on the web waits for them.
    """
    async with open_vault(configuration) as (vault, audit), AsyncExitStack() as closing:
        digests = Digests(await vault.derive("digests"))
        tickets = Tickets(vault, digests)
        admission = _admission(configuration)
        security = OAuthSecurityService(redirect_uris=(callback,) if callback else ())
        connections = OAuthIntegrationService(vault, audit)
        # A refresh under way ends in the vault before its way to Entra is closed.
        provider = MicrosoftOAuthProvider(_oauth_settings(configuration), client_credential(configuration))
        closing.push_async_callback(provider.aclose)
        tokens = OAuthTokenService(TokenRefresher(provider, vault, timing=timing), connections, audit, timing=timing)
        closing.push_async_callback(tokens.aclose)
        on_behalf_of = OnBehalfOf(provider, connections, audit, admission=admission, timing=timing)
        closing.push_async_callback(on_behalf_of.aclose)
        mailboxes, source = _of_callers(
            MailboxChoice(connections, timing=timing),
            tokens,
            on_behalf_of if callback and configuration.auth == "entra" else None,
        )
        clients = EmailClientFactory(_graph_settings(configuration), source, AREAS)
        closing.push_async_callback(clients.aclose)
        workspaces = EmailWorkspaceManager(clients, VaultEmailConfigs(vault))
        connections.on_change(workspaces.forget)
        # Whoever comes back may reach another replica than the one that sent them.
        pending = VaultPendingSignIns(tickets) if callback else None
        manager = OAuthManager(provider, connections, security, audit, pending=pending, admission=admission)
        closing.push_async_callback(manager.aclose)
        yield Components(
            configuration=configuration,
            vault=vault,
            audit=audit,
            digests=digests,
            tickets=tickets,
            admission=admission,
            security=security,
            connections=connections,
            mailboxes=mailboxes,
            manager=manager,
            tokens=tokens,
            workspaces=workspaces,
        )


def _of_callers(
    choice: MailboxChoice, tokens: OAuthTokenService, on_behalf_of: OnBehalfOf | None
) -> tuple[Mailboxes, TokenSource]:
    """With `on_behalf_of`, a caller's own token opens the caller's own mailbox."""
    if on_behalf_of is None:
        return choice, tokens
    # Only who serves the web pays for loading it.
    from outlook_mcp.web.caller import callers_assertion
    from outlook_mcp.web.issuers.own_mailbox import OnBehalfOfMailboxes

    return OnBehalfOfMailboxes(choice, on_behalf_of), OnBehalfOfTokens(tokens, on_behalf_of, callers_assertion)


def _admission(configuration: Configuration) -> Admission:
    return Admission(
        allowed_tenants=configuration.allowed_tenants,
        allowed_domains=configuration.allowed_domains,
        allowed_users=configuration.allowed_users,
        denied_tenants=configuration.denied_tenants,
        denied_domains=configuration.denied_domains,
        denied_users=configuration.denied_users,
    )


def _oauth_settings(configuration: Configuration) -> OAuthSettings:
    return OAuthSettings(
        client_id=configuration.require_client_id(),
        tenant=configuration.tenant,
        authority=configuration.entra_authority,
        scopes=configuration.asked_permissions(),
        ca_file=configuration.ca_file,
        login_hint=configuration.login_hint,
    )


def _graph_settings(configuration: Configuration) -> GraphSettings:
    return GraphSettings(base_url=configuration.graph_base_url, ca_file=configuration.ca_file)
