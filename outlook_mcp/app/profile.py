"""The rooms of one local profile, as commands and the stdio server use them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from outlook_mcp.app.rooms import Rooms, open_rooms
from outlook_mcp.config import Configuration
from outlook_mcp.identity.local_caller import LocalCaller
from outlook_mcp.mail.workspace import EmailWorkspaceManager
from outlook_mcp.oauth.clock import seconds_since_boot
from outlook_mcp.oauth.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.mailbox_choice import Mailboxes
from outlook_mcp.oauth.profile_sign_in import ProfileSignIns
from outlook_mcp.vault.profiles import VaultProfiles


@dataclass(frozen=True, slots=True)
class App:
    """The rooms of one process, bound to one local profile."""

    rooms: Rooms
    caller: LocalCaller
    sign_ins: ProfileSignIns

    @property
    def configuration(self) -> Configuration:
        return self.rooms.configuration

    @property
    def connections(self) -> OAuthIntegrationService:
        return self.rooms.connections

    @property
    def mailboxes(self) -> Mailboxes:
        return self.rooms.mailboxes

    @property
    def workspaces(self) -> EmailWorkspaceManager:
        return self.rooms.workspaces


@asynccontextmanager
async def open_app(configuration: Configuration) -> AsyncIterator[App]:
    """Everything a command or the stdio server needs; closes what it opened."""
    async with open_rooms(configuration) as rooms:
        caller = LocalCaller(configuration.profile, VaultProfiles(rooms.vault), seconds_since_boot)
        yield App(rooms, caller, ProfileSignIns(rooms.manager, caller, rooms.connections))
