"""The server of one local profile, over stdio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mcp.server.mcpserver import MCPServer

from outlook_mcp.app.mcp_server import build_mcp_server
from outlook_mcp.app.rooms import Rooms, open_rooms
from outlook_mcp.config import Configuration
from outlook_mcp.identity.local_caller import LocalCaller
from outlook_mcp.mail.workspace import EmailWorkspaceManager
from outlook_mcp.oauth.clock import seconds_since_boot
from outlook_mcp.oauth.integration_service import OAuthIntegrationService
from outlook_mcp.oauth.mailbox_choice import Mailboxes
from outlook_mcp.oauth.profile_sign_in import ProfileSignIns
from outlook_mcp.tools.request_state import RequestStates
from outlook_mcp.tools.server import EmailToolServer
from outlook_mcp.tools.services import Services
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

    @property
    def services(self) -> Services:
        return Services(self.caller, self.mailboxes, self.workspaces, self.sign_ins, self.rooms.audit)


@asynccontextmanager
async def open_app(configuration: Configuration) -> AsyncIterator[App]:
    """Everything a command or the stdio server needs; closes what it opened."""
    async with open_rooms(configuration) as rooms:
        caller = LocalCaller(configuration.profile, VaultProfiles(rooms.vault), seconds_since_boot)
        yield App(rooms, caller, ProfileSignIns(rooms.manager, caller, rooms.connections))


def build_server(configuration: Configuration) -> EmailToolServer:
    """The MCP server for the local profile; it opens its rooms when it starts and closes them when it stops.

    Raises ConfigurationError at once for what is missing.
    """
    configuration.require_client_id()

    states = RequestStates()

    @asynccontextmanager
    async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services]:
        async with open_app(configuration) as app:
            await states.open(app.rooms.vault, app.rooms.tickets)
            yield app.services

    return build_mcp_server(configuration, lifespan, states)
