"""Builds what commands and the stdio server use: the components and the caller of one local profile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from outlook_mcp.app.components import Components, open_components
from outlook_mcp.app.telemetry import open_telemetry
from outlook_mcp.config import Configuration
from outlook_mcp.identity.local_caller import LocalCaller
from outlook_mcp.mail.settings import MailSettings
from outlook_mcp.net.clock import seconds_since_boot
from outlook_mcp.oauth.connections.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.connections.mailbox_choice import Mailboxes
from outlook_mcp.oauth.sign_in.profile_sign_in import ProfileSignIns
from outlook_mcp.oauth.timing import OAuthTiming
from outlook_mcp.vault.profiles import VaultProfiles
from outlook_mcp.workspace.manager import EmailWorkspaceManager


@dataclass(frozen=True, slots=True)
class App:
    """The components of one process, bound to one local profile."""

    components: Components
    caller: LocalCaller
    sign_ins: ProfileSignIns

    @property
    def configuration(self) -> Configuration:
        return self.components.configuration

    @property
    def connections(self) -> OAuthIntegrationService:
        return self.components.connections

    @property
    def mailboxes(self) -> Mailboxes:
        return self.components.mailboxes

    @property
    def workspaces(self) -> EmailWorkspaceManager:
        return self.components.workspaces

    async def open_ahead(self) -> None:
        """Opens the default mailbox for the calls to come, and reads what they need of the vault; asks nobody.

        Raises SignInRequired when nobody is signed in.
        """
        user = await self.caller.user()
        connection = (await self.mailboxes.choose(user, None)).id
        await self.workspaces.open_known(user, connection)
        await self.components.tokens.read_ahead(user, connection)
        await self.components.audit.read_ahead(user)


@asynccontextmanager
async def open_app(
    configuration: Configuration, *, timing: OAuthTiming = OAuthTiming(), mail: MailSettings = MailSettings()
) -> AsyncIterator[App]:
    """The components and the caller of the configured profile; closes what it opened."""
    # Over HTTP callers are elsewhere, so files of that machine are never theirs.
    mail = replace(mail, file_folders=configuration.allowed_folders)
    with open_telemetry(configuration):
        async with open_components(configuration, timing=timing, mail=mail) as components:
            profiles, scopes = VaultProfiles(components.vault), configuration.offered_scopes()
            caller = LocalCaller(configuration.profile, profiles, seconds_since_boot, scopes=scopes)
            yield App(components, caller, ProfileSignIns(components.manager, caller, components.connections))
