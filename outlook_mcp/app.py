"""Builds every object, in the order in which a request meets them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mcp.server.mcpserver import MCPServer

from outlook_mcp import __version__
from outlook_mcp.audit.log import AuditLog
from outlook_mcp.audit.tags import AuditTag
from outlook_mcp.config import Configuration
from outlook_mcp.graph.client_factory import EmailClientFactory
from outlook_mcp.graph.settings import GraphSettings
from outlook_mcp.identity.local_caller import LocalCaller
from outlook_mcp.mail.workspace import EmailWorkspaceManager
from outlook_mcp.oauth.clock import seconds_since_boot
from outlook_mcp.oauth.clouds import cloud_named
from outlook_mcp.oauth.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.microsoft_provider import MicrosoftOAuthProvider
from outlook_mcp.oauth.oauth_manager import OAuthManager
from outlook_mcp.oauth.profile_sign_in import ProfileSignIns
from outlook_mcp.oauth.refresher import TokenRefresher
from outlook_mcp.oauth.security_service import OAuthSecurityService
from outlook_mcp.oauth.settings import OAuthSettings
from outlook_mcp.oauth.token_service import OAuthTokenService
from outlook_mcp.prompts import INSTRUCTIONS, EmailPrompts
from outlook_mcp.resources import EmailResources
from outlook_mcp.tools import EmailTools
from outlook_mcp.tools.server import EmailToolServer
from outlook_mcp.tools.services import Services
from outlook_mcp.vault.email_configs import VaultEmailConfigs
from outlook_mcp.vault.key_ring import KeyRing, KeySource
from outlook_mcp.vault.key_sources import EnvironmentKeySource, FileKeySource, KeyringKeySource
from outlook_mcp.vault.profiles import VaultProfiles
from outlook_mcp.vault.sqlite_store import SqliteStore
from outlook_mcp.vault.vault import CredentialVault


@dataclass(frozen=True, slots=True)
class App:
    """The rooms of one running process, bound to one local profile."""

    configuration: Configuration
    vault: CredentialVault
    audit: AuditLog
    caller: LocalCaller
    connections: OAuthIntegrationService
    sign_ins: ProfileSignIns
    tokens: OAuthTokenService
    workspaces: EmailWorkspaceManager


@asynccontextmanager
async def open_vault(configuration: Configuration) -> AsyncIterator[tuple[CredentialVault, AuditLog]]:
    """The vault, its key checked, and the audit log that its key seals.

    Raises KeyMismatch, StoreUnavailable or ConfigurationError before anything is written.
    """
    folder = configuration.data_dir
    vault = CredentialVault(SqliteStore(folder / "vault.db"), KeyRing(_key_source(configuration)))
    try:
        is_new = await vault.open()
        audit = AuditLog(folder / "audit.log", await vault.derive("audit"))
        if is_new:
            audit.append(AuditTag.VAULT_CREATED)
        yield vault, audit
    finally:
        await vault.close()


@asynccontextmanager
async def open_app(configuration: Configuration) -> AsyncIterator[App]:
    """Everything a command or the server needs; closes what it opened."""
    oauth = _oauth_settings(configuration)
    async with open_vault(configuration) as (vault, audit):
        security = OAuthSecurityService(audit)
        provider = MicrosoftOAuthProvider(oauth)
        connections = OAuthIntegrationService(vault, security)
        manager = OAuthManager(provider, connections, security)
        tokens = OAuthTokenService(TokenRefresher(provider, vault), connections, security)
        clients = EmailClientFactory(_graph_settings(configuration), tokens)
        workspaces = EmailWorkspaceManager(clients, VaultEmailConfigs(vault))
        caller = LocalCaller(configuration.profile, VaultProfiles(vault), seconds_since_boot)
        try:
            yield App(
                configuration, vault, audit, caller, connections, ProfileSignIns(manager, caller), tokens, workspaces
            )
        finally:
            await manager.aclose()
            await clients.aclose()
            # A refresh under way ends in the vault before its way to Entra is closed.
            await tokens.aclose()
            await provider.aclose()


def _key_source(configuration: Configuration) -> KeySource:
    if configuration.key_source == "keyring":
        return KeyringKeySource()
    if configuration.key_source == "environment":
        return EnvironmentKeySource(configuration.require_master_key(), variable="OUTLOOK_MCP_MASTER_KEY")
    return FileKeySource(configuration.data_dir / "vault.key")


def _oauth_settings(configuration: Configuration) -> OAuthSettings:
    return OAuthSettings(
        client_id=configuration.require_client_id(),
        client_secret=configuration.client_secret,
        tenant=configuration.tenant,
        authority=configuration.authority or cloud_named(configuration.cloud).authority,
        scopes=configuration.asked_scopes(),
        ca_file=configuration.ca_file,
        login_hint=configuration.login_hint,
    )


def _graph_settings(configuration: Configuration) -> GraphSettings:
    base_url = configuration.graph_url or f"{cloud_named(configuration.cloud).graph}/v1.0"
    return GraphSettings(base_url=base_url, ca_file=configuration.ca_file)


def build_server(configuration: Configuration) -> EmailToolServer:
    """The MCP server for the local profile; it opens its rooms when it starts and closes them when it stops.

    Raises ConfigurationError at once for what is missing.
    """
    configuration.require_client_id()

    @asynccontextmanager
    async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services]:
        async with open_app(configuration) as app:
            yield Services(app.caller, app.workspaces, app.sign_ins, app.audit)

    tools = EmailTools(configuration.toolsets, read_only=configuration.read_only)
    server = EmailToolServer(
        tools.offered,
        lifespan,
        name="outlook",
        title="Outlook mail",
        version=__version__,
        instructions=INSTRUCTIONS,
        log_level="WARNING",
        subscriptions=False,
    )
    EmailResources().register(server)
    EmailPrompts().register(server)
    return server
